"""What Azure holds, read: ARM's documents as the model's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from workshop_tui.cloud import versions
from workshop_tui.cloud.errors import reading
from workshop_tui.cloud.roles import moment
from workshop_tui.cloud.text import clean
from workshop_tui.model import (
    CHAT_KINDS,
    AvailableModel,
    AvailableModels,
    FederatedCredential,
    FederatedCredentials,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    OpenAIAccount,
    ResourceGroup,
)

if TYPE_CHECKING:
    from workshop_tui.cloud.arm import Arm

ACCOUNTS = "Microsoft.CognitiveServices/accounts"
CLUSTERS = "Microsoft.ContainerService/managedClusters"
IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
_CHAT_MODELS = ("gpt-", "o1", "o3", "o4", "model-router")

Document = dict[str, Any]


class Azure:
    """Reads of one resource group. Every method may raise `ReadFailure`."""

    def __init__(self, arm: Arm, resource_group: str, *, subscription: str = "") -> None:
        """Take the way to ARM, the group's name, and its subscription where it is not the target's."""
        self._arm = arm
        self.resource_group = resource_group
        within = f"/subscriptions/{subscription}" if subscription else arm.subscription
        self.group_id = f"{within}/resourceGroups/{resource_group}"

    async def group(self) -> ResourceGroup | None:
        """Return the resource group, or None."""
        with reading(f"the resource group {self.resource_group}"):
            found = await self._arm.get(self.group_id, versions.GROUPS)
        if found is None:
            return None
        return ResourceGroup(found["id"], clean(found["name"]), clean(found.get("location", "")))

    async def accounts(self) -> list[OpenAIAccount]:
        """Return the group's accounts that can serve OpenAI models; Speech and its like are left out."""
        with reading(f"the Azure OpenAI accounts of {self.resource_group}"):
            found = await self._arm.list(f"{self.group_id}/providers/{ACCOUNTS}", versions.ACCOUNTS)
        return [_account(item) for item in found if str(item.get("kind", "")).lower() in CHAT_KINDS]

    async def chat_deployments(self, account: OpenAIAccount) -> list[ModelDeployment]:
        """Return the account's deployments of chat models."""
        with reading(f"the model deployments of {account.name}"):
            found = await self._arm.list(f"{account.id}/deployments", versions.ACCOUNTS)
        return [_model(item) for item in found if _talks(item)]

    async def available_models(self, account: OpenAIAccount) -> AvailableModels:
        """Return what the account could deploy."""
        with reading(f"the models that {account.name} could deploy"):
            found = await self._arm.list(f"{account.id}/models", versions.ACCOUNTS)
        return AvailableModels(tuple(_available(item) for item in found if item.get("format") == "OpenAI"))

    async def clusters(self) -> list[ManagedCluster]:
        """Return the group's AKS clusters."""
        with reading(f"the clusters of {self.resource_group}"):
            found = await self._arm.list(f"{self.group_id}/providers/{CLUSTERS}", versions.CLUSTERS)
        return [_cluster(item) for item in found]

    async def identities(self, *, everywhere: bool = False) -> list[ManagedIdentity]:
        """Return the user-assigned managed identities of the group, or of the whole subscription."""
        scope = self._arm.subscription if everywhere else self.group_id
        with reading("the managed identities"):
            found = await self._arm.list(f"{scope}/providers/{IDENTITIES}", versions.IDENTITIES)
        return [identity_of(item) for item in found]

    async def federated_credentials(self, identity: ManagedIdentity) -> FederatedCredentials:
        """Return the identity's federated credentials."""
        with reading(f"the federated credentials of {identity.name}"):
            found = await self._arm.list(f"{identity.id}/federatedIdentityCredentials", versions.IDENTITIES)
        return FederatedCredentials(identity.name, tuple(_credential(item) for item in found))


class Named(Protocol):
    """Protocol of anything with a name, to be chosen by it."""

    @property
    def name(self) -> str:
        """Its name."""


N = TypeVar("N", bound=Named)


def choose_named(found: list[N], name: str) -> list[N]:
    """Return those of the name (Azure's names ignore case), or all where no name is given."""
    return [item for item in found if item.name.lower() == name.lower()] if name else found


def _account(item: Document) -> OpenAIAccount:
    properties = item.get("properties", {})
    return OpenAIAccount(
        id=item["id"],
        name=clean(item["name"]),
        kind=clean(item["kind"]),
        location=clean(item.get("location", "")),
        endpoint=_openai_endpoint(properties),
        custom_subdomain=properties.get("customSubDomainName") or None,
        key_sign_in=not properties.get("disableLocalAuth", False),
        closed_by=_closed_by(properties),
        etag=clean(item.get("etag", ""), limit=100),
    )


def _closed_by(properties: Document) -> str:
    if str(properties.get("publicNetworkAccess", "")).lower() == "disabled":
        return "publicNetworkAccess=Disabled"
    rules = properties.get("networkAcls") or {}
    return "networkAcls.defaultAction=Deny" if str(rules.get("defaultAction", "")).lower() == "deny" else ""


def _openai_endpoint(properties: Document) -> str:
    """Return the endpoint for models: an AIServices account has several, of which `endpoint` is another."""
    endpoints = properties.get("endpoints") or {}
    found = endpoints.get("OpenAI Language Model Instance API") or properties.get("endpoint") or ""
    return clean(found)


def _talks(item: Document) -> bool:
    properties = item.get("properties", {})
    capabilities = properties.get("capabilities") or {}
    if "chatCompletion" in capabilities:
        return str(capabilities["chatCompletion"]).lower() == "true"
    return str(properties.get("model", {}).get("name", "")).startswith(_CHAT_MODELS)


def _model(item: Document) -> ModelDeployment:
    properties = item.get("properties", {})
    return ModelDeployment(
        name=clean(item["name"]),
        model=clean(properties.get("model", {}).get("name", "")),
        state=clean(properties.get("provisioningState", "")),
    )


def _available(item: Document) -> AvailableModel:
    capabilities = item.get("capabilities") or {}
    return AvailableModel(
        name=clean(item.get("name", "")),
        version=clean(item.get("version", "")),
        skus=tuple(clean(sku.get("name", "")) for sku in item.get("skus") or ()),
        chats=str(capabilities.get("chatCompletion", "")).lower() == "true",
        is_default=bool(item.get("isDefaultVersion")),
        status=clean(item.get("lifecycleStatus", "")),
        ends=moment((item.get("deprecation") or {}).get("inference")),
    )


def _cluster(item: Document) -> ManagedCluster:
    properties = item.get("properties", {})
    issuer = properties.get("oidcIssuerProfile") or {}
    security = properties.get("securityProfile") or {}
    enabled = bool(issuer.get("enabled"))
    return ManagedCluster(
        id=item["id"],
        name=clean(item["name"]),
        location=clean(item.get("location", "")),
        state=clean(properties.get("provisioningState", "")),
        oidc_issuer=enabled,
        # Compared to the letter later: cleaned of controls alone, whatever its length.
        issuer_url=clean(issuer.get("issuerURL", "") if enabled else "", limit=2000),
        workload_identity=bool((security.get("workloadIdentity") or {}).get("enabled")),
        kubernetes_version=clean(
            properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion") or ""
        ),
        # A private cluster has both, and its credentials name the private one.
        fqdn=clean(properties.get("privateFQDN") or properties.get("fqdn") or ""),
        power=clean((properties.get("powerState") or {}).get("code", "")),
    )


def identity_of(item: Document) -> ManagedIdentity:
    """Read a user-assigned identity's document."""
    properties = item.get("properties", {})
    return ManagedIdentity(
        id=item["id"],
        name=clean(item["name"]),
        client_id=clean(properties.get("clientId", "")),
        principal_id=clean(properties.get("principalId", "")),
        tenant_id=clean(properties.get("tenantId", "")),
        tags={clean(key): clean(value) for key, value in (item.get("tags") or {}).items()},
    )


def _credential(item: Document) -> FederatedCredential:
    properties = item.get("properties", {})
    return FederatedCredential(
        name=clean(item["name"]),
        issuer=_exactly(properties.get("issuer", "")),
        subject=_exactly(properties.get("subject", "")),
        audiences=tuple(_exactly(value) for value in properties.get("audiences") or ()),
    )


def _exactly(text: str) -> str:
    """Return the text cleaned, blanks at its ends kept: they are a fault one must be able to see."""
    cleaned = clean(text, limit=700)
    return cleaned if text.strip() == text else f"{text[: len(text) - len(text.lstrip())]}{cleaned} "
