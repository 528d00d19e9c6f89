"""What the API server, the controllers and the kubelet of the practice cluster are to each other.

The API side implements `ObjectStore`, `EventRecorder`, `ServiceRouter`; the node side `TokenIssuer` and
`PodRuntime`. `Cluster` joins them through these factories of the node side:

- `tokens.create_token_issuer(practice, objects, features) -> TokenIssuer`
- `kubelet.create_kubelet(practice, objects, events, tokens, node_name) -> PodRuntime`
- `issuer.create_issuer(practice, tokens, features) -> Starlette`
- `shop.create_shop(practice, objects, router) -> Starlette`
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.runtimes import Running

Object = dict[str, Any]
"""A Kubernetes object as it stands in JSON: apiVersion, kind, metadata, spec, status…"""

Json: TypeAlias = Any
"""Any JSON value."""

SIMULATED = "workshop-tui.dev/simulated"
"""Label of pods whose images are built in: value `true`. The kubelet plays them, it pulls nothing."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the managed cluster resource has turned on; both take effect at once.

    Attributes:
        oidc_issuer: the issuer's documents are published, and tokens carry its URL as `iss`
            (else `https://kubernetes.default.svc.cluster.local`).
        workload_identity: the mutating webhook sees new pods.

    """

    oidc_issuer: bool = False
    workload_identity: bool = False


ReadFeatures: TypeAlias = "Callable[[], Features]"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `object` is the state after it (for DELETED: the last one). Treat it as read-only."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object


class ApiError(Exception):
    """A refusal as the API server words it; raised by ObjectStore, answered as a Status.

    `reason` is the Kubernetes reason: NotFound, AlreadyExists, Conflict, Forbidden, Invalid, BadRequest…
    `list_metadata` is the Status's own: of a list that can't go on, the token by which it can.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        list_metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.list_metadata = dict(list_metadata or {})


class ObjectStore(Protocol):
    """The objects of the cluster, named by the plural of their resource, such as `pods`.

    What is returned is a fresh copy; what is passed in is copied. Every write is durable when it returns,
    sets a new resourceVersion and wakes the watchers. `namespace` is "" for cluster-wide resources.
    No admission, no validation: those belong to the API server's own path for requests.
    """

    def find(self, resource: str, namespace: str, name: str) -> Object | None:
        """Return the object, or None."""

    def get(self, resource: str, namespace: str, name: str) -> Object:
        """Return the object, or raise ApiError NotFound."""

    def list(
        self, resource: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> list[Object]:
        """Return the objects of one namespace (None: of all) that carry all these labels, by name."""

    def create(self, resource: str, object_: Object) -> Object:
        """Create; fills in uid, creationTimestamp, resourceVersion. ApiError AlreadyExists."""

    def update(self, resource: str, object_: Object) -> Object:
        """Replace all but the status; ApiError Conflict when its resourceVersion is an old one; NotFound."""

    def update_status(self, resource: str, object_: Object) -> Object:
        """Replace the status alone; a resourceVersion is compared when given; NotFound."""

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        grace_seconds: int | None = None,
    ) -> Object:
        """Delete, or begin to.

        A pod that is bound to a node only gets `deletionTimestamp` and `deletionGracePeriodSeconds`; the
        kubelet stops it and then calls this with `grace_seconds=0` and the pod's `uid`, which removes it.
        Raises ApiError NotFound (also when the uid is another's, as Conflict).
        """

    def watch(self, resource: str, namespace: str | None = None) -> AsyncIterator[Change]:
        """Yield ADDED for everything there is now, then every later change, in order, for ever.

        Nothing is missed between the two. A slow reader sees every change (its queue is not bounded).
        """


class EventRecorder(Protocol):
    """Writes Event objects; equal ones become one with a rising count."""

    def record(
        self,
        regarding: Object,
        *,
        type_: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        component: str,
        field_path: str = "",
        host: str = "",
    ) -> None:
        """Record an event about an object (a full object as the store gave it).

        `component` is the source, such as `kubelet`; `field_path` is such as `spec.containers{app}`.
        """


@dataclass(frozen=True, slots=True)
class PodReference:
    """The pod a token is bound to."""

    name: str
    uid: str


class TokenIssuer(Protocol):
    """Signs and verifies ServiceAccount tokens; keys are durable."""

    @property
    def issuer(self) -> str:
        """The issuer's URL, which is also the API server's own audience."""

    def mint(
        self,
        namespace: str,
        service_account: str,
        audiences: Sequence[str],
        expiration_seconds: int,
        pod: PodReference | None = None,
        *,
        bound_to: Mapping[str, Any] | None = None,
    ) -> tuple[str, datetime]:
        """Return a signed token and when it expires. Empty audiences mean the API server's own audience.

        `bound_to` are the claims of what else than a pod it is bound to: `{"secret": {"name", "uid"}}`.

        Raises ApiError NotFound when the ServiceAccount (or the pod) is not there.
        """

    def authenticate(self, token: str, audiences: Sequence[str] = ()) -> Mapping[str, Any] | None:
        """Return the claims of a valid token meant for the API server or these audiences, else None."""


class PodRuntime(Protocol):
    """What the cluster needs of the kubelet of its one node.

    It watches pods whose `spec.nodeName` is its node, runs them, writes `status` through
    `ObjectStore.update_status`, records events, and stops and removes pods that have a deletionTimestamp.
    """

    async def run(self) -> None:
        """Work until cancelled; then stop every process it started."""

    def log_path(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> Path | None:
        """Return the log file of the running (or last ended) or the previous attempt, None if there is none.

        Lines are in CRI form: `<RFC 3339 time with nanoseconds, Z> <stdout|stderr> <F|P> <text>`.
        """

    async def log_grew(self, namespace: str, pod: str, container: str, size: int) -> bool:
        """Wait until the current log is longer than `size` bytes: True; False when it ended and is not."""

    def address(self, namespace: str, pod: str, port: int) -> tuple[str, int] | None:
        """Return loopback host and port of a container port of the pod, None if it does not run."""

    def running(self, namespace: str, pod: str, container: str) -> Running | None:
        """Return the container as it runs now, None if it does not."""


class ServiceRouter(Protocol):
    """The cluster's network, as far as there is one: names to loopback addresses."""

    def resolve(self, namespace: str, service: str, port: int | str) -> tuple[str, int] | None:
        """Return the loopback address of one ready pod behind a Service's port (number or name), or None."""
