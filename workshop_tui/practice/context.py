"""What every server of the practice cloud is given: options, time, storage, addresses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.store import Store


@dataclass(frozen=True, slots=True)
class Options:
    """How a practice cloud behaves.

    Attributes:
        folder: its state: `store.sqlite`, `ca.pem`, `endpoints.json`, `pods/`, `registry/`, `log/`.
        time_scale: simulated seconds per real second; delays shrink by it, clocks on the wire do not.
        role_seconds: simulated seconds until a role assignment counts at the data plane.
        credential_seconds: simulated seconds until Entra ID sees a new federated credential.
        cluster_update_seconds: simulated seconds a cluster update takes.
        webhook_layout: token path layout of the workload identity webhook: `v1.5`, `v1.6`, `v1.6.1`.

    """

    folder: Path
    time_scale: float = 1.0
    role_seconds: float = 3.0
    credential_seconds: float = 2.0
    cluster_update_seconds: float = 3.0
    webhook_layout: str = "v1.5"


@dataclass(frozen=True, slots=True)
class Clock:
    """Real wall time, and delays that can be scaled."""

    scale: float = 1.0

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)

    def after(self, seconds: float) -> datetime:
        """Return the real moment at which `seconds` of simulated time from now will be over."""
        return self.now() + timedelta(seconds=seconds / self.scale)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of simulated time: what the simulated service itself takes."""
        await asyncio.sleep(seconds / self.scale)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where each service listens: base URLs without a trailing slash; `registry` is host:port.

    `arm`, `entra`, `graph`, `openai`, `kubernetes` and `issuer` speak HTTPS with the practice CA;
    `registry` and `shop` (the store-admin site) speak HTTP, as a local registry and a shop do.
    """

    arm: str
    entra: str
    graph: str
    openai: str
    kubernetes: str
    issuer: str
    registry: str
    shop: str


@dataclass(frozen=True, slots=True)
class Names:
    """The ids and names of the practice world, made once per state folder and kept."""

    tenant_id: str
    subscription_id: str
    cluster_guid: str
    resource_group: str = "myResourceGroup"
    cluster_name: str = "myAKSCluster"
    account_name: str = "myOpenAI"
    deployment_name: str = "gpt-35-turbo"
    location: str = "eastus"


@dataclass(slots=True)
class Practice:
    """One practice cloud; shared by its servers, all on one event loop."""

    options: Options
    clock: Clock
    store: Store
    addresses: Addresses
    names: Names
    ca_file: Path
    closing: asyncio.Event = field(default_factory=asyncio.Event)


class ClusterControl(Protocol):
    """What ARM may do with the cluster behind a managed cluster resource."""

    @property
    def issuer_url(self) -> str:
        """The OIDC issuer's URL, trailing slash included, whether it is enabled or not."""

    def apply_features(self, *, oidc_issuer: bool, workload_identity: bool) -> None:
        """Turn the published issuer and the webhook on or off; effective at once."""

    def apply_power(self, *, on: bool) -> None:
        """Turn the cluster's machines on or off: API server, nodes and pods; what is stored stays."""

    def user_kubeconfig(self) -> str:
        """Return a kubeconfig (YAML) for the cluster user, as listClusterUserCredential hands it out."""
