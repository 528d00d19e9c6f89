"""What Azure and Entra ID hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CHAT_KINDS = frozenset({"openai", "aiservices"})
"""Kinds of Cognitive Services accounts that can serve OpenAI models, in lower case."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The principal this machine acts as, from the claims of its own ARM token.

    `name` is the user principal name or application id; `kind` decides how a role is assigned.
    """

    object_id: str
    tenant_id: str
    name: str
    kind: Literal["User", "ServicePrincipal"]


@dataclass(frozen=True, slots=True)
class AzAccount:
    """Whom the Azure CLI is signed in as: `name` as in `SignedIn`, `kind` `user` or `servicePrincipal`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """A resource group."""

    id: str
    name: str
    location: str


@dataclass(frozen=True, slots=True)
class OpenAIAccount:
    """A Cognitive Services account that can serve OpenAI models.

    `endpoint` is `properties.endpoint`; `custom_subdomain` is None where Entra tokens are refused for
    want of one; `key_sign_in` is False once `disableLocalAuth` is set; `closed_by` is the setting that keeps
    networks out, as Azure has it, empty where nothing does.
    """

    id: str
    name: str
    kind: str
    location: str
    endpoint: str
    custom_subdomain: str | None
    key_sign_in: bool
    closed_by: str = ""
    etag: str = field(default="", repr=False)
    """Another one after each change of the account."""

    @property
    def sighting(self) -> str:
        """The key under which the journal notes since when keys are off."""
        return f"keys off|{self.id.lower()}|{self.etag}"


@dataclass(frozen=True, slots=True)
class ModelDeployment:
    """A chat model's deployment in the account."""

    name: str
    model: str
    state: str
    beside: tuple[str, ...] = ()
    """Names of the account's other deployments of chat models that are ready: an app may ask one of these."""


@dataclass(frozen=True, slots=True)
class AvailableModel:
    """A version of a model that the account could deploy, as Azure lists it."""

    name: str
    version: str
    skus: tuple[str, ...]
    chats: bool
    is_default: bool
    """Whether it is the version that Azure would take if none was named."""
    status: str
    """`lifecycleStatus`: `GenerallyAvailable`, `Preview`, `Deprecated` …"""
    ends: datetime | None = None
    """When it answers no more."""


@dataclass(frozen=True, slots=True)
class AvailableModels:
    """What the account could deploy; read only where a model has to be deployed, else empty."""

    items: tuple[AvailableModel, ...] = ()


@dataclass(frozen=True, slots=True)
class ManagedCluster:
    """The AKS resource as ARM tells it. `issuer_url` is empty until the issuer is on."""

    id: str
    name: str
    location: str
    state: str
    """`provisioningState`: `Succeeded`, `Updating` …"""
    oidc_issuer: bool
    issuer_url: str
    workload_identity: bool
    kubernetes_version: str = ""
    fqdn: str = ""
    power: str = ""
    """`powerState.code`: `Running` or `Stopped`."""


@dataclass(frozen=True, slots=True)
class IssuerDocuments:
    """What is really served at the issuer's URL (OpenID Connect Discovery 1.0).

    `issuer` is the document's own claim; `key_ids` the `kid` of each key in the JWKS it points to.
    """

    url: str
    issuer: str
    jwks_uri: str
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """A user-assigned managed identity. `chosen_because` says how it was picked among several.

    `instead_of` is the identity that the app's ServiceAccount points to, where that is another one.
    """

    id: str
    name: str
    client_id: str
    principal_id: str
    tenant_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    chosen_because: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class FederatedCredential:
    """One federated identity credential of the managed identity."""

    name: str
    issuer: str
    subject: str
    audiences: tuple[str, ...]

    @property
    def sighting(self) -> str:
        """The key under which the journal notes when it was first seen: changes with its content."""
        return "|".join(("credential", self.name, self.issuer, self.subject, *self.audiences))


@dataclass(frozen=True, slots=True)
class FederatedCredentials:
    """All federated credentials of the managed identity, in the order Azure lists them."""

    identity: str
    items: tuple[FederatedCredential, ...]


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role assignment that reaches the account, with what its role definition allows.

    `direct` is False where the principal has it through a group. The permission blocks are kept apart,
    since a `notDataActions` subtracts only from the block it stands in.
    """

    id: str
    scope: str
    role_name: str
    role_definition_id: str
    principal_id: str
    permissions: tuple[Permissions, ...]
    created: datetime | None = None
    direct: bool = True
    condition: str = ""
    """What narrows it further (ABAC), as Azure has it; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """One permission block of a role definition; entries may hold `*` wildcards."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LearnerRoles:
    """The signed-in principal's assignments at the account or above, inherited and through groups."""

    principal_id: str
    scope: str
    grants: tuple[RoleGrant, ...]


@dataclass(frozen=True, slots=True)
class IdentityRoles:
    """The managed identity's assignments at the account or above.

    `others` are assignments of such roles that miss: to others, or at other accounts of the group. They are
    looked for only where no assignment lets the identity ask the model.
    """

    principal_id: str
    scope: str
    grants: tuple[RoleGrant, ...]
    others: tuple[RoleGrant, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """One data-plane request the account saw: `authentication` is `token`, `key` or `none`."""

    time: datetime
    status: int
    authentication: str
    object_id: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class AccountLog:
    """The account's request log, newest last. Absent where the target keeps none that can be asked."""

    requests: tuple[AccountRequest, ...]
