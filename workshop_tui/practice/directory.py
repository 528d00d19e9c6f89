"""The tenant's directory: service principals, users, groups and federated credentials.

Shared by Entra ID (which signs them in), ARM (which makes managed identities) and Graph (which finds them).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workshop_tui.practice.context import Clock
    from workshop_tui.practice.store import Store

PRINCIPAL = "principal"
CREDENTIAL = "federated_credential"
REPLICATION_SECONDS = 2.0
"""Simulated seconds until the role assignment service knows a fresh principal; on Azure up to a minute."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who may sign in or hold a role.

    Attributes:
        kind: "ServicePrincipal", "User" or "Group", as role assignments name it.
        application_id: a service principal's client id.
        service_kind: "Application" or "ManagedIdentity" for service principals.
        user_name: a user's userPrincipalName.
        secret: an application's client secret, a person's password; a real directory keeps a hash.
        members: a group's object ids.
        replicated: ISO time from which the role assignment service knows it; "" for always.
        alternative_names: a managed identity's resource id, as Graph tells it.
        mail_nickname: a group's.

    """

    object_id: str
    display_name: str
    kind: str = "ServicePrincipal"
    application_id: str | None = None
    service_kind: str | None = None
    user_name: str | None = None
    secret: str | None = None
    members: tuple[str, ...] = ()
    replicated: str = ""
    alternative_names: tuple[str, ...] = ()
    mail_nickname: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What a federated credential trusts, compared to the letter."""

    issuer: str
    subject: str
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FederatedCredential:
    """A federated credential as written, and as sign-in sees it until the change has travelled."""

    name: str
    written: Trust
    visible: str
    """ISO time from which sign-in sees `written`."""
    before: Trust | None = None
    """What sign-in sees until then; None for a new one."""

    def seen_at(self, moment: datetime) -> Trust | None:
        """Return what sign-in sees of it at `moment`."""
        return self.written if datetime.fromisoformat(self.visible) <= moment else self.before


class Directory:
    """Principals by object id, application id or name; credentials by application id."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def put(self, principal: Principal) -> None:
        """Create or replace a principal."""
        self._store.write(PRINCIPAL, principal.object_id, asdict(principal))

    def remove(self, object_id: str) -> None:
        """Delete a principal with its federated credentials."""
        principal = self.get(object_id)
        if principal is None:
            return
        with self._store.transaction():
            for key, _ in self._store.scan(CREDENTIAL, f"{principal.application_id}/"):
                self._store.remove(CREDENTIAL, key)
            self._store.remove(PRINCIPAL, object_id)

    def get(self, object_id: str) -> Principal | None:
        """Return the principal with this object id."""
        found = self._store.read(PRINCIPAL, object_id.lower())
        return None if found is None else _principal(found)

    def all(self) -> list[Principal]:
        """Return every principal."""
        return [_principal(document) for _, document in self._store.scan(PRINCIPAL)]

    def by_application(self, application_id: str) -> Principal | None:
        """Return the service principal of an application, by its client id."""
        wanted = application_id.lower()
        return next((each for each in self.all() if each.application_id == wanted), None)

    def groups_of(self, object_id: str) -> set[str]:
        """Return the object ids of the groups that hold the principal, through other groups, too."""
        groups = [each for each in self.all() if each.kind == "Group"]
        found: set[str] = set()
        fresh = {object_id}
        while fresh:
            fresh = {group.object_id for group in groups if fresh & set(group.members)} - found
            found |= fresh
        return found

    def replicated_after(self) -> str:
        """Return when the role assignment service will know a principal made now (ISO)."""
        return self._clock.after(REPLICATION_SECONDS).isoformat()

    def is_replicated(self, principal: Principal) -> bool:
        """Return whether the role assignment service knows the principal by now."""
        return not principal.replicated or datetime.fromisoformat(principal.replicated) <= self._clock.now()

    def trust(self, application_id: str, name: str, trust: Trust, seconds: float) -> None:
        """Write a federated credential that sign-in sees after `seconds` of simulated time."""
        old = self.credential(application_id, name)
        if old is not None and old.written == trust:
            return
        before = None if old is None else old.seen_at(self._clock.now())
        visible = self._clock.after(seconds).isoformat()
        credential = FederatedCredential(name, trust, visible, before)
        self._store.write(CREDENTIAL, f"{application_id}/{name.lower()}", asdict(credential))

    def distrust(self, application_id: str, name: str) -> bool:
        """Delete a federated credential, effective at once, and say whether there was one."""
        return self._store.remove(CREDENTIAL, f"{application_id}/{name.lower()}")

    def credential(self, application_id: str, name: str) -> FederatedCredential | None:
        """Return one federated credential."""
        found = self._store.read(CREDENTIAL, f"{application_id}/{name.lower()}")
        return None if found is None else _credential(found)

    def credentials(self, application_id: str) -> list[FederatedCredential]:
        """Return the federated credentials of an application or managed identity, by name."""
        found = self._store.scan(CREDENTIAL, f"{application_id.lower()}/")
        return [_credential(document) for _, document in found]


def _principal(document: dict[str, Any]) -> Principal:
    principal = Principal(**document)
    return replace(
        principal,
        members=tuple(principal.members),
        alternative_names=tuple(principal.alternative_names),
    )


def _credential(document: dict[str, Any]) -> FederatedCredential:
    before = document["before"]
    return FederatedCredential(
        document["name"],
        _trust(document["written"]),
        document["visible"],
        None if before is None else _trust(before),
    )


def _trust(document: dict[str, Any]) -> Trust:
    return Trust(document["issuer"], document["subject"], tuple(document["audiences"]))
