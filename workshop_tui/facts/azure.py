"""Facts of Azure and Entra ID."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    CHAT_ACTION,
    command,
    may_chat,
    resource_group_of,
    role_allowing,
    trusts,
    wanted_credential,
)
from workshop_tui.cloud.account_log import AccountLogReader
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure, Named, choose_named
from workshop_tui.cloud.issuer import IssuerReader
from workshop_tui.cloud.machine.az_profile import AzProfile
from workshop_tui.cloud.roles import RoleDefinitions, all_grants, grants
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.tokens import ManagementTokens, claims_of
from workshop_tui.facts.engine import resolver
from workshop_tui.model import (
    Absent,
    AccountLog,
    AvailableModels,
    AzAccount,
    FederatedCredentials,
    IdentityRoles,
    IssuerDocuments,
    LearnerRoles,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
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

_READY = "Succeeded"
CLIENT_ID = "azure.workload.identity/client-id"


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
async def resource_group(azure: Azure, names: Names) -> ResourceGroup | Absent:
    """Read the resource group."""
    found = await azure.group()
    if found is not None:
        return found
    return Absent(
        f"resource group {names.resource_group}",
        "azure.resource-group-missing",
        "az group list --output table",
        f"The subscription has no resource group {names.resource_group}, or you may not see it.",
    )


@resolver
async def openai_account(azure: Azure, names: Names, group: ResourceGroup) -> OpenAIAccount | Absent:
    """Read the account: the one that is named, else the only one that can serve OpenAI models."""
    accounts = await azure.accounts()
    fitting = choose_named(accounts, names.account)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return _several("Azure OpenAI account", "account.ambiguous", fitting, "AOAI_NAME")
    others = f" Those that are there: {_names(accounts)}." if accounts else ""
    named = f" {names.account}" if names.account else ""
    return Absent(
        f"Azure OpenAI account{named} in {group.name}",
        "account.missing",
        command("az", "cognitiveservices", "account", "list", "-g", group.name, "--output", "table"),
        f"{group.name} has no account{named} of kind OpenAI or AIServices.{others}",
    )


@resolver
async def model_deployment(azure: Azure, names: Names, account: OpenAIAccount) -> ModelDeployment | Absent:
    """Read the deployment: the one that is named, else the first with a chat model."""
    deployments = await azure.chat_deployments(account)
    chosen = choose_model(deployments, names.model_deployment)
    if chosen is not None:
        return chosen
    named = f" {names.model_deployment}" if names.model_deployment else ""
    others = f" Those that are there: {_names(deployments)}." if deployments else ""
    return Absent(
        f"deployment{named} of a chat model in {account.name}",
        "deployment.model-missing",
        command(
            *("az", "cognitiveservices", "account", "deployment", "list"),
            *("-g", names.resource_group, "-n", account.name, "--output", "table"),
        ),
        f"{account.name} has no deployment{named} of a chat model.{others}",
    )


@resolver
async def available_models(
    azure: Azure, account: OpenAIAccount, model: ModelDeployment | Absent | Unreadable
) -> AvailableModels:
    """Read which models there are to deploy, where none that chats is deployed: the list is long."""
    if isinstance(model, ModelDeployment) and model.state == _READY and may_chat(model.model):
        return AvailableModels()
    return await azure.available_models(account)


def choose_model(deployments: list[ModelDeployment], name: str) -> ModelDeployment | None:
    """Return the deployment of that name, else the first that is ready, with what is ready beside it.

    One that failed, or is still being made, says nothing against another one that answers.
    """
    fitting = choose_named(deployments, name)
    chosen = min(fitting, key=lambda item: item.state != _READY, default=None)
    if chosen is None:
        return None
    beside = (item.name for item in deployments if item.state == _READY and item.name != chosen.name)
    return replace(chosen, beside=tuple(beside))


@resolver
async def managed_cluster(azure: Azure, names: Names, group: ResourceGroup) -> ManagedCluster | Absent:
    """Read the cluster: the one that is named, else the only one."""
    clusters = await azure.clusters()
    fitting = choose_named(clusters, names.cluster)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return _several("AKS cluster", "cluster.ambiguous", fitting, "AKS_NAME")
    others = f" Those that are there: {_names(clusters)}." if clusters else ""
    named = f" {names.cluster}" if names.cluster else ""
    return Absent(
        f"AKS cluster{named} in {group.name}",
        "cluster.missing",
        command("az", "aks", "list", "-g", group.name, "--output", "table"),
        f"{group.name} has no AKS cluster{named}.{others}",
    )


@resolver
async def issuer_documents(reader: IssuerReader, cluster: ManagedCluster) -> IssuerDocuments | Absent:
    """Fetch what is really served at the cluster's issuer, as Entra ID does."""
    group = resource_group_of(cluster.id)
    turn_on = command("az", "aks", "update", "-g", group, "-n", cluster.name, "--enable-oidc-issuer")
    if not cluster.issuer_url:
        return Absent(
            f"OIDC issuer on {cluster.name}",
            "issuer.disabled",
            turn_on,
            f"{cluster.name} publishes no issuer: its OIDC issuer is off.",
        )
    found = await reader.read(cluster.issuer_url)
    if isinstance(found, IssuerDocuments):
        return found
    return Absent(
        f"discovery document at {cluster.issuer_url}",
        "issuer.not-served",
        command("curl", "-fsS", f"{cluster.issuer_url}.well-known/openid-configuration"),
        found,
    )


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
    """Say whether the identity takes the pods' tokens; not, where nobody may see its credentials."""
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
async def az_account(profile: AzProfile) -> AzAccount | Absent:
    """Read whom az is signed in as, which need not be who this machine acts as."""
    return await profile.account()


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
    return IdentityRoles(identity.principal_id, account.id, found, await _misses(arm, definitions, account))


async def _misses(arm: Arm, definitions: RoleDefinitions, account: OpenAIAccount) -> tuple[RoleGrant, ...]:
    """Return the group's assignments of roles that let ask a model; none where one may not look."""
    group = account.id.partition("/providers/")[0]
    try:
        found = await all_grants(arm, definitions, scope=group)
    except ReadFailure:
        return ()
    # Judged at its own scope, an assignment counts wherever it is.
    return tuple(item for item in found if role_allowing((item,), CHAT_ACTION, item.scope))


@resolver
async def account_log(reader: AccountLogReader) -> AccountLog | Absent:
    """Read the account's request log, where the target keeps one that can be asked."""
    if not reader.kept:
        return Absent("request log of the account that could be asked", "reading.no-log")
    return await reader.read()


def _several(what: str, cause: str, found: Sequence[Named], variable: str) -> Absent:
    return Absent(
        f"single {what}",
        cause,
        f"export {variable}={found[0].name}",
        f"There are several: {_names(found)}. Say which one with {variable}.",
    )


def _names(found: Sequence[Named]) -> str:
    return ", ".join(item.name for item in found)
