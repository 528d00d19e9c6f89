"""Facts of who acts, and what each may do: the learner, az, and the app's managed identity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    CHAT_ACTION,
    command,
    resource_group_of,
    role_allowing,
    trusts,
    wanted_credential,
)
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure, choose_named
from workshop_tui.cloud.machine.az_profile import AzProfile
from workshop_tui.cloud.roles import RoleDefinitions, all_grants, grants
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.tokens import ManagementTokens, claims_of
from workshop_tui.facts.engine import resolver
from workshop_tui.model import (
    Absent,
    AzAccount,
    FederatedCredentials,
    IdentityRoles,
    LearnerRoles,
    ManagedCluster,
    ManagedIdentity,
    Names,
    OpenAIAccount,
    ResourceGroup,
    RoleGrant,
    ServiceAccount,
    SignedIn,
    Unreadable,
)
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLIENT_ID = "azure.workload.identity/client-id"
"""The annotation by which a ServiceAccount says which managed identity its pods act as."""


@resolver
async def signed_in(tokens: ManagementTokens) -> SignedIn | Absent:
    """Read who this machine acts as from its own token: no directory has to be asked."""
    try:
        claims = claims_of(await tokens.management_token())
    except ReadFailure as failure:
        if failure.unreadable.cause != "reading.not-signed-in":
            raise
        return Absent("sign-in to Azure", "sign-in.missing", "az login", clean(failure.unreadable.reason))
    name = claims.get("upn") or claims.get("unique_name") or claims.get("appid") or ""
    is_person = claims.get("idtyp") == "user" or ("idtyp" not in claims and "upn" in claims)
    return SignedIn(
        object_id=clean(claims.get("oid", "")),
        tenant_id=clean(claims.get("tid", "")),
        name=clean(name),
        kind="User" if is_person else "ServicePrincipal",
    )


@resolver
async def az_account(profile: AzProfile) -> AzAccount | Absent:
    """Read whom az is signed in as, which need not be who this machine acts as."""
    return await profile.account()


@resolver
async def managed_identity(
    azure: Azure,
    names: Names,
    group: ResourceGroup,
    account: ServiceAccount | Absent | Unreadable,
    cluster: ManagedCluster | Absent | Unreadable,
) -> ManagedIdentity | Absent:
    """Read the identity: the one the app's ServiceAccount points to, else the one that is named.

    Where it points to another than the named one, the one that trusts the app's pods is meant.
    """
    wanted = account.annotations.get(CLIENT_ID, "") if isinstance(account, ServiceAccount) else ""
    identities = await azure.identities()
    named = next(iter(choose_named(identities, names.identity)), None)
    pointed_to = _with_client_id(identities, wanted)
    near = pointed_to is not None
    if pointed_to is None and wanted:
        pointed_to = _with_client_id(await _all_identities(azure, needed=named is None), wanted)
    if pointed_to is None:
        if named is not None:
            return replace(named, chosen_because="chosen by its name")
        return Absent(
            f"managed identity {names.identity} in {group.name}",
            "identity.missing",
            command("az", "identity", "create", "-g", group.name, "-n", names.identity),
        )
    if named is not None and named.id != pointed_to.id:
        tokens = wanted_credential(cluster, account, names)
        trusting = await _trusting(azure, pointed_to, tokens)
        if not trusting and (not near or await _trusting(azure, named, tokens)):
            other = f"{pointed_to.name} in {resource_group_of(pointed_to.id)}"
            return replace(named, chosen_because="chosen by its name", instead_of=other)
    where = "its client id" if near else "it, in another resource group"
    return replace(pointed_to, chosen_because=f"the app's ServiceAccount points to {where}")


async def _all_identities(azure: Azure, *, needed: bool) -> Sequence[ManagedIdentity]:
    """Return the subscription's identities; none where one may not look and can do without."""
    try:
        return await azure.identities(everywhere=True)
    except ReadFailure:
        if needed:
            raise
        return ()


async def _trusting(azure: Azure, identity: ManagedIdentity, tokens: Mapping[str, str]) -> bool:
    """Return whether the identity takes the pods' tokens; not, where nobody may see its credentials."""
    try:
        return trusts(await azure.federated_credentials(identity), tokens)
    except ReadFailure:
        return False


def _with_client_id(identities: Sequence[ManagedIdentity], client_id: str) -> ManagedIdentity | None:
    wanted = client_id.strip().lower()
    return next((item for item in identities if wanted and item.client_id.lower() == wanted), None)


@resolver
async def federated_credentials(azure: Azure, identity: ManagedIdentity) -> FederatedCredentials:
    """Read all federated credentials of the identity; none is an empty list, not an absence."""
    return await azure.federated_credentials(identity)


@resolver
async def role_definitions(arm: Arm) -> RoleDefinitions:
    """Open this pass's book of role definitions."""
    return RoleDefinitions(arm)


@resolver
async def learner_roles(
    arm: Arm, definitions: RoleDefinitions, person: SignedIn, account: OpenAIAccount
) -> LearnerRoles:
    """Read what reaches the account for the signed-in principal."""
    found = await grants(arm, definitions, principal_id=person.object_id, scope=account.id)
    return LearnerRoles(person.object_id, account.id, found)


@resolver
async def identity_roles(
    arm: Arm, definitions: RoleDefinitions, identity: ManagedIdentity, account: OpenAIAccount
) -> IdentityRoles:
    """Read what reaches the account for the managed identity."""
    found = await grants(arm, definitions, principal_id=identity.principal_id, scope=account.id)
    if role_allowing(found, CHAT_ACTION, account.id) is not None:
        return IdentityRoles(identity.principal_id, account.id, found)
    return IdentityRoles(
        identity.principal_id, account.id, found, await _roles_elsewhere(arm, definitions, account)
    )


async def _roles_elsewhere(
    arm: Arm, definitions: RoleDefinitions, account: OpenAIAccount
) -> tuple[RoleGrant, ...]:
    """Return the group's assignments of roles that let ask a model; none where one may not look."""
    group = account.id.partition("/providers/")[0]
    try:
        found = await all_grants(arm, definitions, scope=group)
    except ReadFailure:
        return ()
    # Judged at its own scope, an assignment counts wherever it is.
    return tuple(item for item in found if role_allowing((item,), CHAT_ACTION, item.scope))
