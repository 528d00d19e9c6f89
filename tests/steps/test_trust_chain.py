"""The trust chain drawn from facts: a finished workshop, and what each fault does to its links."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from steps_world import (
    CLIENT_ID,
    CONTAINER,
    CREDENTIAL,
    FINISHED,
    GROUP_ID,
    ISSUER,
    KEY,
    POD,
    SUBJECT,
    but,
    grant,
    template,
)

from workshop_tui.facts.engine import Facts
from workshop_tui.model import (
    Absent,
    Deployment,
    FederatedCredentials,
    IdentityRoles,
    ManagedCluster,
    ManagedIdentity,
    OpenAIAccount,
    Pods,
    ServiceAccount,
    Unreadable,
)
from workshop_tui.trust_chain import NODES, STEPS, Link, LinkState, read_chain

if TYPE_CHECKING:
    from collections.abc import Mapping

HOLDS, BROKEN, OPEN, UNKNOWN = LinkState.HOLDS, LinkState.BROKEN, LinkState.OPEN, LinkState.UNKNOWN


async def chain(changed: Mapping[type, object] | None = None) -> tuple[Link, ...]:
    async with Facts({**FINISHED, **(changed or {})}, {}) as facts:
        return await read_chain(facts)


async def states(changed: Mapping[type, object] | None = None) -> list[LinkState]:
    return [link.state for link in await chain(changed)]


def credential(**changes: Any) -> dict[type, object]:
    return {FederatedCredentials: FederatedCredentials("myIdentity", (replace(CREDENTIAL, **changes),))}


async def test_a_finished_workshop_holds_from_end_to_end() -> None:
    assert await states() == [HOLDS] * 6


@pytest.mark.parametrize(
    ("what", "changes", "is_", "want"),
    [
        ("issuer", {"issuer": ISSUER.rstrip("/")}, ISSUER, ISSUER.rstrip("/")),
        ("subject", {"subject": SUBJECT + "s"}, SUBJECT, SUBJECT + "s"),
        (
            "audience",
            {"audiences": ("api://azureadtokenexchange",)},
            "api://AzureADTokenExchange",
            "api://azureadtokenexchange",
        ),
    ],
)
async def test_a_credential_that_differs_shows_claim_beside_record(
    what: str, changes: dict[str, Any], is_: str, want: str
) -> None:
    link = (await chain(credential(**changes)))[2]
    assert link.state is BROKEN
    assert link.step == "federate"
    (row,) = [row for row in link.evidence if not row.matches]
    assert (row.what, row.here, row.there) == (what, is_, want)


async def test_an_account_that_would_take_the_token_is_not_lit_before_the_token_gets_there() -> None:
    assert await states(credential(subject="system:serviceaccount:default:other")) == [
        *(HOLDS, HOLDS, BROKEN, HOLDS, HOLDS, OPEN)
    ]


async def test_what_is_not_there_is_open_and_what_cannot_be_read_is_unknown() -> None:
    absent = Absent("the federated credentials", "identity.missing")
    assert (await states({FederatedCredentials: absent}))[2] is OPEN
    unreadable = Unreadable("the federated credentials", "403 Forbidden", "reading.forbidden")
    assert (await states({FederatedCredentials: unreadable}))[2] is UNKNOWN


async def test_the_pods_label_and_account_are_looked_at_and_not_the_deployments() -> None:
    link = (await chain(template(labels={"app": "ai-service"})))[0]
    assert link.state is HOLDS, "the running pod has what counts; the template is another step's business"


async def test_another_client_id_breaks_the_link_to_the_identity() -> None:
    account = FINISHED[ServiceAccount]
    wrong = replace(
        account, annotations={next(iter(account.annotations)): "00000000-0000-4000-8000-000000000000"}
    )
    link = (await chain({ServiceAccount: wrong}))[3]
    assert (link.state, link.step) == (BROKEN, "service-account")


async def test_no_secret_is_ever_part_of_it() -> None:
    assert KEY not in repr(await chain())


async def test_every_link_shows_what_it_was_judged_by() -> None:
    links = await chain()
    assert [link.step for link in links] == [
        *("redeploy", "enable-workload-identity", "federate", "service-account", "managed-identity", "verify")
    ]
    assert [[(row.what, row.here, row.there) for row in link.evidence] for link in links] == [
        [
            ("pod", POD.name, ""),
            ("label use", "true", "true"),
            ("service account", "ai-service-account", "ai-service-account"),
            ("injected client id", CLIENT_ID, ""),
        ],
        [("OIDC issuer", "on", "on"), ("workload identity", "on", "on"), ("issuer URL", ISSUER, "")],
        [
            ("issuer", ISSUER, ISSUER),
            ("subject", SUBJECT, SUBJECT),
            ("audience", "api://AzureADTokenExchange", "api://AzureADTokenExchange"),
            ("credential", "myFederatedCredential", ""),
        ],
        [("client id", CLIENT_ID, CLIENT_ID), ("identity", "myIdentity", "")],
        [
            ("role", "Cognitive Services OpenAI User", ""),
            ("at", "accounts/my-openai", ""),
            ("through a group", "no", ""),
        ],
        [
            ("account", "my-openai", ""),
            ("its own address", "my-openai", ""),
            ("endpoint", "https://my-openai.openai.azure.com/", ""),
            ("keys", "are refused", ""),
        ],
    ]
    assert set(STEPS) == {link.step for link in links}
    assert (
        *("pod", "service account", "token", "federated credential", "identity", "role", "Azure OpenAI"),
    ) == NODES
    assert len(NODES) == len(links) + 1


NOTHING = Absent("the thing", "identity.missing")
BARE = replace(POD, spec=replace(POD.spec, labels={}, containers=(CONTAINER,)))


@pytest.mark.parametrize(
    ("number", "changed", "state", "step", "shown"),
    [
        (0, {Deployment: NOTHING}, OPEN, "redeploy", ""),
        (0, {Pods: NOTHING}, OPEN, "redeploy", ""),
        (0, {Pods: Pods(())}, OPEN, "redeploy", ""),
        (0, {Pods: Pods((BARE,))}, BROKEN, "redeploy", "label use: none true"),
        (0, {Pods: Pods((BARE,))}, BROKEN, "redeploy", "injected client id:"),
        (
            0,
            {Pods: Pods((replace(BARE, spec=replace(BARE.spec, service_account="default")),))},
            OPEN,
            "redeploy",
            "service account: default ai-service-account",
        ),
        (
            0,
            {Pods: Pods((replace(POD, spec=replace(POD.spec, service_account="default")),))},
            BROKEN,
            "redeploy",
            "service account: default ai-service-account",
        ),
        # What is being replaced does not count where there is something newer.
        (0, {Pods: Pods((replace(BARE, current=False), POD))}, HOLDS, "redeploy", ""),
        (0, {Pods: Pods((replace(POD, current=False),))}, HOLDS, "redeploy", ""),
        (
            0,
            {Pods: Pods((replace(POD, spec=replace(POD.spec, containers=())),))},
            BROKEN,
            "redeploy",
            "injected client id:",
        ),
        (
            0,
            {ServiceAccount: NOTHING},
            HOLDS,
            "redeploy",
            "service account: ai-service-account ai-service-account",
        ),
        (
            0,
            {ServiceAccount: ServiceAccount("default", "mine")},
            BROKEN,
            "redeploy",
            "service account: ai-service-account mine",
        ),
        (1, {ManagedCluster: NOTHING}, OPEN, "enable-workload-identity", ""),
        (1, but(ManagedCluster, oidc_issuer=False), OPEN, "enable-workload-identity", "OIDC issuer: off on"),
        (
            1,
            but(ManagedCluster, workload_identity=False),
            BROKEN,
            "enable-workload-identity",
            "workload identity: off on",
        ),
        (
            1,
            {**but(ManagedCluster, oidc_issuer=False, issuer_url=""), ServiceAccount: NOTHING},
            OPEN,
            "enable-workload-identity",
            "issuer URL: none",
        ),
        (
            1,
            {ServiceAccount: NOTHING},
            OPEN,
            "service-account",
            "service account: not there ai-service-account",
        ),
        (2, {FederatedCredentials: FederatedCredentials("myIdentity", ())}, OPEN, "federate", ""),
        (2, credential(audiences=()), BROKEN, "federate", "audience: api://AzureADTokenExchange none"),
        (
            2,
            credential(audiences=("api://other", "api://AzureADTokenExchange")),
            HOLDS,
            "federate",
            "audience: api://AzureADTokenExchange api://AzureADTokenExchange",
        ),
        (3, {ManagedIdentity: NOTHING}, OPEN, "managed-identity", ""),
        (3, {ServiceAccount: NOTHING}, OPEN, "service-account", ""),
        (3, but(ServiceAccount, annotations={}), OPEN, "service-account", f"client id: none {CLIENT_ID}"),
        (4, {IdentityRoles: NOTHING}, OPEN, "managed-identity", ""),
        (4, but(IdentityRoles, grants=()), OPEN, "managed-identity", ""),
        (4, but(IdentityRoles, grants=(replace(grant(), permissions=()),)), BROKEN, "managed-identity", ""),
        (
            4,
            but(IdentityRoles, grants=(replace(grant(), direct=False),)),
            HOLDS,
            "managed-identity",
            "through a group: yes",
        ),
        (4, but(IdentityRoles, grants=(replace(grant(), scope="/"),)), HOLDS, "managed-identity", "at: /"),
        (4, but(IdentityRoles, grants=(replace(grant(), scope=""),)), HOLDS, "managed-identity", "at: /"),
        (
            4,
            but(IdentityRoles, grants=(replace(grant(), scope=f"{GROUP_ID}/"),)),
            HOLDS,
            "managed-identity",
            "at: resourceGroups/myResourceGroup",
        ),
        (
            4,
            but(IdentityRoles, grants=(grant(scope=GROUP_ID.partition("/resourceGroups")[0]),)),
            HOLDS,
            "managed-identity",
            "at: subscriptions/11111111-1111-4111-8111-111111111111",
        ),
        (5, {OpenAIAccount: NOTHING}, OPEN, "exposed-key", ""),
        (5, but(OpenAIAccount, custom_subdomain=None), BROKEN, "verify", "its own address: none"),
        (5, but(OpenAIAccount, key_sign_in=True), HOLDS, "verify", "keys: are taken, too"),
        (5, but(IdentityRoles, grants=()), OPEN, "verify", ""),
        (5, {Pods: Pods(())}, OPEN, "verify", ""),
    ],
)
async def test_how_a_link_stands(
    number: int, changed: Mapping[type, object], state: LinkState, step: str, shown: str
) -> None:
    link = (await chain(changed))[number]
    assert (link.state, link.step) == (state, step)
    rows = [f"{row.what}: {row.here} {row.there}".strip() for row in link.evidence]
    assert not shown or shown in rows


async def test_what_is_read_decides_before_what_is_there() -> None:
    closed = Unreadable("the pods", "403 Forbidden", "reading.forbidden")
    link = (await chain({Deployment: NOTHING, Pods: closed}))[0]
    assert (link.state, link.says) == (UNKNOWN, "the pods could not be read: 403 Forbidden")


async def test_a_role_that_does_not_suffice_is_named() -> None:
    useless = but(IdentityRoles, grants=(replace(grant(), permissions=(), role_name="Reader"),))
    assert (await chain(useless))[4].says == "It may not ask the model; it has Reader."
    assert (await chain(but(IdentityRoles, grants=())))[4].says == "It has no role there."
