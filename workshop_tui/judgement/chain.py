"""The chain of trust: which federated credential fits, and how long changes take to be known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workshop_tui.judgement.answers import entra_code, may_be_propagating
from workshop_tui.judgement.exchange import presented
from workshop_tui.judgement.roles import role_allowing
from workshop_tui.model import FederatedCredentials, ManagedCluster, ServiceAccount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workshop_tui.model import (
        Absent,
        FederatedCredential,
        Names,
        OpenAIAccount,
        RoleGrant,
        Sightings,
        Unreadable,
    )

TOKEN_AUDIENCE = "api://AzureADTokenExchange"  # noqa: S105 - the audience's public name
"""What the pods' tokens are made out to."""
ROLE_PROPAGATION = timedelta(minutes=5)
"""How long Azure may take until a new role assignment counts everywhere (its own documents' figure)."""
CREDENTIAL_PROPAGATION = timedelta(minutes=2)
"""How long Entra ID may take until a new federated credential does; its documents say minutes."""


LOCK_PROPAGATION = timedelta(minutes=10)
"""How long Azure may take until an account refuses keys everywhere; its documents say minutes."""
LONGEST_BACK_OFF = timedelta(minutes=5)
"""How long Kubernetes waits at most before it tries a container again that crashed."""


def best_credential(
    credentials: FederatedCredentials, *, issuer: str, subject: str, audience: str, name: str = ""
) -> FederatedCredential | None:
    """Return the credential that comes nearest to what is wanted; of equals, the one of that name.

    Names decide at last, so that the order in which Azure lists them does not.
    """

    def nearness(credential: FederatedCredential) -> tuple[int, int, bool, str]:
        exact = (credential.issuer == issuer, credential.subject == subject, audience in credential.audiences)
        near = (
            _plain(credential.issuer) == _plain(issuer),
            _plain(credential.subject) == _plain(subject),
            any(_plain(item) == _plain(audience) for item in credential.audiences),
        )
        return sum(exact), sum(near), credential.name == name, credential.name

    return max(credentials.items, key=nearness, default=None)


def credential_fits(credential: FederatedCredential, *, issuer: str, subject: str, audience: str) -> bool:
    """Say whether the credential is what Entra ID will look for, to the letter."""
    wanted = (issuer, subject)
    return (credential.issuer, credential.subject) == wanted and audience in credential.audiences


def trusts(credentials: FederatedCredentials, wanted: Mapping[str, str]) -> bool:
    """Say whether the identity takes the tokens that are wanted; none is taken without an issuer."""
    return bool(wanted["issuer"]) and any(credential_fits(item, **wanted) for item in credentials.items)


def lock_settles(account: OpenAIAccount, sightings: Sightings, now: datetime) -> datetime | None:
    """Return when keys that are off should be refused everywhere; None: they have been off long enough.

    Azure does not tell since when; what nobody has sighted yet is taken for new.
    """
    until = sightings.first_seen.get(account.sighting, now) + LOCK_PROPAGATION
    return until if until > now else None


def outdated_sign_in(
    words: str, wanted: Mapping[str, str], credentials: FederatedCredentials | Absent | Unreadable
) -> str:
    """Return the cause where a refused token exchange is of before what is set now; nothing where not."""
    issuer = presented(words, "issuer")
    if issuer and wanted["issuer"] and issuer != wanted["issuer"]:
        return "pod.outdated-issuer"
    subject = presented(words, "subject")
    right = isinstance(credentials, FederatedCredentials) and trusts(credentials, wanted)
    of_these_pods = not subject or subject == wanted["subject"]
    return "pod.outdated-sign-in" if right and of_these_pods and may_be_propagating(entra_code(words)) else ""


def credential_settles(
    credential: FederatedCredential, sightings: Sightings, now: datetime
) -> datetime | None:
    """Return when a young credential should be known everywhere; None for one that is old enough.

    One that nobody has sighted yet is taken for new: Azure does not tell when it was made.
    """
    until = sightings.first_seen.get(credential.sighting, now) + CREDENTIAL_PROPAGATION
    return until if until > now else None


def wanted_credential(
    cluster: ManagedCluster | Absent | Unreadable,
    account: ServiceAccount | Absent | Unreadable,
    names: Names,
) -> dict[str, str]:
    """Return what the pods' tokens will be compared with: `issuer`, `subject`, `audience`."""
    subject = (
        account.subject
        if isinstance(account, ServiceAccount)
        else ServiceAccount(names.namespace, names.service_account).subject
    )
    issuer = cluster.issuer_url if isinstance(cluster, ManagedCluster) else ""
    return {"issuer": issuer, "subject": subject, "audience": TOKEN_AUDIENCE}


def fitting_settles(
    credentials: FederatedCredentials | Absent | Unreadable,
    wanted: Mapping[str, str],
    sightings: Sightings,
    now: datetime,
) -> datetime | None:
    """Return when a credential that fits, but is young, should be known everywhere; else None."""
    if not isinstance(credentials, FederatedCredentials):
        return None
    best = best_credential(credentials, **wanted)
    if best is None or not credential_fits(best, **wanted):
        return None
    return credential_settles(best, sightings, now)


def role_settles(
    grants: Sequence[RoleGrant],
    data_action: str,
    resource_id: str,
    now: datetime,
    *,
    ahead: timedelta = timedelta(0),
) -> datetime | None:
    """Return when a young role that allows the action should count everywhere; None: old, or no such role.

    `ahead` is how far our clock is ahead of Azure's, which notes when a role was made.
    """
    grant = role_allowing(grants, data_action, resource_id)
    if grant is None or grant.created is None:
        return None
    until = grant.created + ROLE_PROPAGATION + ahead
    return until if until > now else None


def _plain(text: str) -> str:
    return text.strip().rstrip("/").casefold()
