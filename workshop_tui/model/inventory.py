"""What the sign-in can see in Azure that the workshop could use, as far as it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.model.azure import ModelDeployment, OpenAIAccount, ResourceGroup


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription that the sign-in sees, in whichever tenant.

    `state` is Azure's own word (`Enabled`, `Disabled`, `Warned` …); `tenant` is the tenant's name where it is
    known, else its id; `default` marks the one that az uses where none is named.
    """

    id: str
    name: str
    tenant_id: str = ""
    tenant: str = ""
    state: str = "Enabled"
    default: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource as ARM's list of all resources tells it: without its properties."""

    id: str
    name: str
    group: str
    location: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a subscription holds: resource groups, clusters, Cognitive Services accounts of any kind."""

    groups: tuple[ResourceGroup, ...]
    clusters: tuple[Listed, ...]
    accounts: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that has been read so far, by the ids of subscriptions, groups and accounts in lower case."""

    subscriptions: tuple[Subscription, ...] | None = None
    holdings: Mapping[str, Holdings] = field(default_factory=dict)
    accounts: Mapping[str, tuple[OpenAIAccount, ...]] = field(default_factory=dict)
    deployments: Mapping[str, tuple[ModelDeployment, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """The part of the inventory that has to be read before the next question.

    Attributes:
        what: which part of the inventory.
        says: what is being waited for, for people.
        subscription: where, except for the list of subscriptions itself.
        name: of the group or account, where it is one's own list.
        id: its id.

    """

    what: Literal["subscriptions", "holdings", "accounts", "deployments"]
    says: str
    subscription: Subscription | None = None
    name: str = ""
    id: str = ""
