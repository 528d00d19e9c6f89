"""The trust chain: from the pod to Azure OpenAI, link by link, each lit by facts.

A link shows what is on its one side beside what the other side wants. Names, addresses and times only: no
key, no token and no signature is ever part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from workshop_tui.authoring import CHAT_ACTION
from workshop_tui.judgement.chain import best_credential, wanted_credential
from workshop_tui.judgement.injection import CLIENT_ID_ANNOTATION, LABEL
from workshop_tui.judgement.pods import app_container, client_id_in
from workshop_tui.judgement.roles import role_allowing
from workshop_tui.model import (
    Absent,
    Deployment,
    FederatedCredentials,
    IdentityRoles,
    ManagedCluster,
    ManagedIdentity,
    Names,
    OpenAIAccount,
    Pods,
    ServiceAccount,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workshop_tui.facts.engine import Facts

NODES = ("pod", "service account", "token", "federated credential", "identity", "role", "Azure OpenAI")
"""What the links join, in order: link number n joins node n and node n + 1."""


STEPS = frozenset(
    {"enable-workload-identity", "managed-identity", "federate", "service-account", "redeploy", "verify"}
)
"""The steps that make the links: a workshop without them has no such chain."""


class LinkState(StrEnum):
    """How a link stands."""

    HOLDS = "holds"
    BROKEN = "broken"
    """Both ends are there, and do not fit."""
    OPEN = "open"
    """Not made yet."""
    UNKNOWN = "unknown"
    """We could not look."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison: what is on this side, and what the other has or wants; empty: nothing to compare."""

    what: str
    here: str
    there: str = ""

    @property
    def matches(self) -> bool:
        """Whether both sides are the same to the letter, or there is but one."""
        return bool(self.here) and (not self.there or self.here == self.there)


@dataclass(frozen=True, slots=True)
class Link:
    """One link: `step` is the id of the step that makes it, `says` the state in a sentence."""

    title: str
    step: str
    state: LinkState
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """The facts that the trust chain is drawn from."""

    names: Names
    deployment: Deployment | Absent | Unreadable
    pods: Pods | Absent | Unreadable
    service_account: ServiceAccount | Absent | Unreadable
    cluster: ManagedCluster | Absent | Unreadable
    credentials: FederatedCredentials | Absent | Unreadable
    identity: ManagedIdentity | Absent | Unreadable
    roles: IdentityRoles | Absent | Unreadable
    account: OpenAIAccount | Absent | Unreadable


async def read_chain(facts: Facts) -> tuple[Link, ...]:
    """Read what the chain is drawn from, and draw it."""
    arguments = await facts.arguments(World)
    return draw_chain(World(**arguments)) if isinstance(arguments, dict) else ()


def draw_chain(world: World) -> tuple[Link, ...]:
    """Return the six links, from the pod on."""
    return (
        _pod_to_service_account(world),
        _service_account_to_token(world),
        _token_to_credential(world),
        _credential_to_identity(world),
        _identity_to_role(world),
        _role_to_account(world),
    )


def _pod_to_service_account(world: World) -> Link:
    title, step = "The pod runs as the service account", "redeploy"
    if trouble := _missing(title, step, world.deployment, world.pods):
        return trouble
    assert isinstance(world.deployment, Deployment)  # noqa: S101 - `_missing` has looked
    assert isinstance(world.pods, Pods)  # noqa: S101 - likewise
    running = [pod for pod in world.pods.running if pod.current] or list(world.pods.running)
    if not running:
        return Link(title, step, LinkState.OPEN, "No pod of the app is running.")
    pod = running[0]
    container = app_container(pod.spec, world.names.deployment)
    wanted = world.service_account
    evidence = (
        Evidence("pod", pod.name),
        Evidence("label use", pod.spec.labels.get(LABEL, "none"), "true"),
        Evidence(
            "service account",
            pod.spec.service_account,
            wanted.name if isinstance(wanted, ServiceAccount) else world.names.service_account,
        ),
        Evidence("injected client id", client_id_in(container) if container else ""),
    )
    return _judged(
        title,
        step,
        evidence,
        good="The pod carries the label, and the webhook has given it the identity.",
        bad="The pod does not carry the identity.",
        begun=pod.spec.labels.get(LABEL) is not None or pod.spec.service_account != "default",
    )


def _service_account_to_token(world: World) -> Link:
    title, step = "Its tokens come from the cluster's issuer", "enable-workload-identity"
    if trouble := _missing(title, step, world.cluster):
        return trouble
    assert isinstance(world.cluster, ManagedCluster)  # noqa: S101 - `_missing` has looked
    cluster = world.cluster
    evidence = (
        Evidence("OIDC issuer", "on" if cluster.oidc_issuer else "off", "on"),
        Evidence("workload identity", "on" if cluster.workload_identity else "off", "on"),
        Evidence("issuer URL", cluster.issuer_url or "none"),
    )
    if isinstance(world.service_account, Absent) and cluster.oidc_issuer:
        missing = Evidence("service account", "not there", world.names.service_account)
        return Link(
            title, "service-account", LinkState.OPEN, "There is no service account.", (*evidence, missing)
        )
    return _judged(
        title,
        step,
        evidence,
        good="The cluster signs tokens for service accounts, and says where its keys are.",
        bad="The cluster gives its pods no tokens for Entra ID.",
        begun=cluster.oidc_issuer,
    )


def _token_to_credential(world: World) -> Link:
    title, step = "A federated credential knows the token", "federate"
    if trouble := _missing(title, step, world.credentials):
        return trouble
    assert isinstance(world.credentials, FederatedCredentials)  # noqa: S101 - `_missing` has looked
    claims = wanted_credential(world.cluster, world.service_account, world.names)
    best = best_credential(world.credentials, **claims, name=world.names.credential)
    if best is None:
        says = f"{world.credentials.identity} has no federated credential."
        return Link(title, step, LinkState.OPEN, says)
    audience = (
        claims["audience"] if claims["audience"] in best.audiences else next(iter(best.audiences), "none")
    )
    evidence = (
        Evidence("issuer", claims["issuer"], best.issuer),
        Evidence("subject", claims["subject"], best.subject),
        Evidence("audience", claims["audience"], audience),
        Evidence("credential", best.name),
    )
    return _judged(
        title,
        step,
        evidence,
        good="Issuer, subject and audience of the token are in the credential, to the letter.",
        bad="The token and the credential differ: Entra ID compares them to the letter.",
    )


def _credential_to_identity(world: World) -> Link:
    title, step = "The service account names the identity", "service-account"
    if trouble := _missing(title, "managed-identity", world.identity):
        return trouble
    if trouble := _missing(title, step, world.service_account):
        return trouble
    assert isinstance(world.identity, ManagedIdentity)  # noqa: S101 - `_missing` has looked
    assert isinstance(world.service_account, ServiceAccount)  # noqa: S101 - likewise
    named = world.service_account.annotations.get(CLIENT_ID_ANNOTATION, "")
    evidence = (
        Evidence("client id", named or "none", world.identity.client_id),
        Evidence("identity", world.identity.name),
    )
    return _judged(
        title,
        step,
        evidence,
        good="The service account's annotation is the identity's client id.",
        bad="The service account does not name this identity.",
        begun=bool(named),
    )


def _identity_to_role(world: World) -> Link:
    title, step = "The identity has a role", "managed-identity"
    if trouble := _missing(title, step, world.roles):
        return trouble
    assert isinstance(world.roles, IdentityRoles)  # noqa: S101 - `_missing` has looked
    grant = role_allowing(world.roles.grants, CHAT_ACTION, world.roles.scope)
    if grant is None:
        held = ", ".join(grant.role_name for grant in world.roles.grants)
        says = f"It may not ask the model; it has {held}." if held else "It has no role there."
        return Link(title, step, LinkState.BROKEN if held else LinkState.OPEN, says)
    evidence = (
        Evidence("role", grant.role_name),
        Evidence("at", _short(grant.scope)),
        Evidence("through a group", "no" if grant.direct else "yes"),
    )
    return Link(title, step, LinkState.HOLDS, "The role holds the right to ask the model.", evidence)


def _role_to_account(world: World) -> Link:
    title, step = "The account takes its tokens", "verify"
    if trouble := _missing(title, "exposed-key", world.account):
        return trouble
    assert isinstance(world.account, OpenAIAccount)  # noqa: S101 - `_missing` has looked
    account = world.account
    evidence = (
        Evidence("account", account.name),
        Evidence("its own address", account.custom_subdomain or "none"),
        Evidence("endpoint", account.endpoint),
        Evidence("keys", "are taken, too" if account.key_sign_in else "are refused"),
    )
    if account.custom_subdomain is None:
        says = "Without an address of its own the account refuses every token."
        return Link(title, step, LinkState.BROKEN, says, evidence)
    earlier = (_pod_to_service_account(world), _token_to_credential(world), _identity_to_role(world))
    if any(link.state is not LinkState.HOLDS for link in earlier):
        return Link(
            title, step, LinkState.OPEN, "The account would; the chain does not reach it yet.", evidence
        )
    return Link(
        title, step, LinkState.HOLDS, "The account has an address of its own and takes tokens.", evidence
    )


def _missing(title: str, step: str, *readings: object) -> Link | None:
    """Return the link as it stands while one of its ends is not there, or could not be looked at."""
    for reading in readings:
        if isinstance(reading, Unreadable):
            return Link(title, step, LinkState.UNKNOWN, f"{reading.what} could not be read: {reading.reason}")
    for reading in readings:
        if isinstance(reading, Absent):
            return Link(title, step, LinkState.OPEN, f"{reading.what} is not there.")
    return None


def _judged(
    title: str, step: str, evidence: Iterable[Evidence], *, good: str, bad: str, begun: bool = True
) -> Link:
    rows = tuple(evidence)
    if all(row.matches for row in rows):
        return Link(title, step, LinkState.HOLDS, good, rows)
    return Link(title, step, LinkState.BROKEN if begun else LinkState.OPEN, bad, rows)


def _short(scope: str) -> str:
    """Return a scope as a person would name it: its last part, with its kind."""
    parts = scope.strip("/").split("/")
    return f"{parts[-2]}/{parts[-1]}" if len(parts) > 1 else "/"
