"""The way to the cluster, and what it holds beside deployments and pods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class KubeconfigNote:
    """What our action noted in the kubeconfig when it brought a context there.

    Attributes:
        added: what was not there before: `clusters`, `users`, `contexts`, and `file` for the file itself.
        before: the file's `current-context` of before; None where it had none.

    """

    added: tuple[str, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class KubeconfigContext:
    """A context for the cluster in the kubeconfig that the learner's kubectl reads."""

    name: str
    server: str
    path: str
    current: bool
    note: KubeconfigNote | None = None


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """The API server answered. `source` is `kubeconfig` or `azure` (the cluster-credentials call)."""

    server: str
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a Service; `target` is the pods' port, as a number or as a port's name."""

    number: int
    target: str


@dataclass(frozen=True, slots=True)
class AppService:
    """The Service by which the shop reaches the app: it has the Deployment's name.

    `strangers` are ready pods that it sends to, too, though they are not of the app's Deployment: each with
    the name of what made it, empty where nobody did.
    """

    namespace: str
    name: str
    selector: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[ServicePort, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    strangers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShopFront:
    """The shop's admin site in the cluster, of which nothing else is judged: read where it does not answer.

    Attributes:
        wanted: how many pods its Deployment wants; None where there is no such Deployment.
        labels: those of its pods.
        ports: what its containers declare, numbers as text and names.
        service: its Service.

    """

    wanted: int | None
    labels: Mapping[str, str]
    ports: tuple[str, ...]
    service: AppService | None


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The ServiceAccount that the app's pods use, or are to use."""

    namespace: str
    name: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The `sub` claim of its tokens."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"
