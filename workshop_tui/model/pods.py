"""Deployments and pods, as the Kubernetes API tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from workshop_tui.model.basics import Sensitive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_FOR_EVER = 2**31 - 1
"""The `progressDeadlineSeconds` that means none."""


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """One variable; `source` is `value`, `secret NAME/KEY`, `configmap NAME/KEY` or `field`."""

    name: str
    value: Sensitive
    source: str = "value"


@dataclass(frozen=True, slots=True)
class EnvironmentSource:
    """An `envFrom` entry or a mounted volume: what kind of object, and the keys that it brings.

    `kind` is `secret`, `configmap`, or `vault` for a SecretProviderClass, whose values nobody can read here;
    `keys` is None where the object could not be read; `place` is `envFrom` or `volume MOUNTPATH`. `values`
    are the keys' values, in the same order, where they were read.
    """

    kind: str
    name: str
    place: str
    keys: tuple[str, ...] | None
    values: tuple[Sensitive, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Container:
    """A container as its pod template or pod asks for it. `init` marks init containers."""

    name: str
    image: str
    environment: tuple[EnvironmentVariable, ...] = ()
    sources: tuple[EnvironmentSource, ...] = ()
    ports: tuple[int, ...] = ()
    memory_limit: str = ""
    init: bool = False
    port_names: tuple[str, ...] = ()
    """The names of its ports that have one: a Service may go by them."""
    words: tuple[Sensitive, ...] = field(default=(), repr=False)
    """Its command and arguments, as they are: they may hold a key."""
    hooks: tuple[tuple[str, tuple[Sensitive, ...]], ...] = field(default=(), repr=False)
    """Its probes and hooks by their fields, `livenessProbe` or `lifecycle`, with the words that each has."""

    def variable(self, name: str) -> EnvironmentVariable | None:
        """Return the variable that counts: the last one of that name."""
        return next((item for item in reversed(self.environment) if item.name == name), None)

    def setting(self, name: str) -> EnvironmentVariable | None:
        """Return the variable that the program sees: its own, else the last that `envFrom` brings.

        One whose value is empty though its source is not `value` could not be read.
        """
        own = self.variable(name)
        bundles = [source for source in self.sources if source.place == "envFrom"]
        brought = [source for source in bundles if name in (source.keys or ())]
        brought = brought or [source for source in bundles if source.keys is None]
        if own is not None or not brought:
            return own
        source = brought[-1]
        values = dict(zip(source.keys or (), source.values, strict=False))
        return EnvironmentVariable(
            name, values.get(name, Sensitive("")), f"{source.kind} {source.name}/{name}"
        )


@dataclass(frozen=True, slots=True)
class PodSpec:
    """What a pod template and a pod have in common."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    service_account: str
    """`default` where none is named."""
    containers: tuple[Container, ...]
    notes: tuple[tuple[str, Sensitive], ...] = field(default=(), repr=False)
    """Its labels and annotations once more, as they are and not cleaned: they may hold a key."""

    def container(self, name: str) -> Container | None:
        """Return the container of that name."""
        return next((item for item in self.containers if item.name == name), None)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a Deployment or Pod; `status` is `True`, `False` or `Unknown`."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """The app's Deployment. Counts are of pods."""

    namespace: str
    name: str
    generation: int
    observed_generation: int
    wanted: int
    replicas: int
    updated: int
    available: int
    template: PodSpec
    selector: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    """The Deployment's own, not its pods'."""
    paused: bool = False
    """Whether changes of the template wait for `kubectl rollout resume`."""
    deadline_seconds: int = 600
    """After how long without progress Kubernetes gives a rollout up (`progressDeadlineSeconds`)."""
    last_applied: Sensitive = field(default=Sensitive(""), repr=False)
    """What kubectl noted of its last apply, as it is: it may hold a key that is no longer there."""

    @property
    def held_back(self) -> bool:
        """Whether its latest change is seen, and waits for as long as the Deployment is paused."""
        behind = self.updated < self.wanted or self.replicas > self.updated
        return self.paused and behind and self.observed_generation >= self.generation

    @property
    def rolled_out(self) -> bool:
        """Whether the latest change is what runs, and nothing else (kubectl rollout status's rule)."""
        return (
            self.observed_generation >= self.generation
            and self.updated == self.wanted
            and self.replicas == self.updated
            and self.available == self.updated
        )

    @property
    def gives_up(self) -> datetime | None:
        """When Kubernetes gives the rollout up if nothing moves until then, by the cluster's clock.

        None where nothing is on its way, or it waits for ever.
        """
        progress = self.condition("Progressing")
        if progress is None or progress.updated is None or self.deadline_seconds >= _FOR_EVER:
            return None
        if progress.reason in {"NewReplicaSetAvailable", "DeploymentPaused"}:
            return None
        return progress.updated + timedelta(seconds=self.deadline_seconds)

    def condition(self, kind: str) -> Condition | None:
        """Return the condition of that type."""
        return next((item for item in self.conditions if item.type == kind), None)


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """How a container fares; `state` is `running`, `waiting` or `terminated`."""

    name: str
    ready: bool
    restarts: int
    state: str
    reason: str = ""
    message: str = ""
    image: str = ""
    image_id: str = ""
    """`repository@sha256:…` of the bytes that run; empty until pulled."""
    last_reason: str = ""
    last_exit_code: int | None = None
    last_finished: datetime | None = None
    """When it ended last: just now, where it is terminated."""
    running_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of the app. `log` is the tail of its log where it is not ready, cleaned."""

    name: str
    phase: str
    ready: bool
    deleting: bool
    current: bool
    """Whether it belongs to the Deployment's newest ReplicaSet."""
    spec: PodSpec
    statuses: tuple[ContainerStatus, ...] = ()
    created: datetime | None = None
    log: str = ""
    unscheduled: str = ""
    """The scheduler's words for why no node takes it; empty where it has one."""


@dataclass(frozen=True, slots=True)
class Pods:
    """All pods that the Deployment's selector matches, newest first; `warnings` are recent event texts."""

    items: tuple[Pod, ...]
    warnings: tuple[str, ...] = ()
    history: tuple[tuple[str, PodSpec], ...] = field(default=(), repr=False)
    """Older ReplicaSets with their pod templates: what a rollback would bring back."""

    @property
    def running(self) -> tuple[Pod, ...]:
        """The pods that can serve or could again: neither ended nor on their way out."""
        return tuple(
            pod for pod in self.items if not pod.deleting and pod.phase not in {"Succeeded", "Failed"}
        )
