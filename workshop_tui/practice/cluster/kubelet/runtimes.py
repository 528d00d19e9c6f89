"""What the kubelet asks of whatever runs a container: a process, Docker, or a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workshop_tui.practice.cluster.kubelet.executions import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.executions import Execution
    from workshop_tui.practice.cluster.kubelet.images import Image
    from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
    from workshop_tui.practice.cluster.ports import Object


RUN_ERROR = "RunContainerError"
"""The reason of a container that was created and did not start; with others it was not even created."""


class StartError(Exception):
    """A container that can't be created or started; `reason` is the waiting reason kubectl shows."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine at a path of the container."""

    path: str
    source: Path
    read_only: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container ended; `has_run` is False for one whose command could not be executed."""

    code: int
    reason: str = ""
    message: str = ""
    has_run: bool = True

    @property
    def shown_reason(self) -> str:
        """The reason a container status shows."""
        return self.reason or ("Completed" if self.code == 0 else "Error")


@dataclass(frozen=True, slots=True)
class ContainerStart:
    """All a runtime needs to start one container.

    Attributes:
        pod: the Pod as admitted.
        container: its part for this container.
        image: None for a built-in one.
        environment: variables as admitted, references resolved.
        node_environment: what the node adds where the pod does not say otherwise.
        mounts: the container's volume mounts.
        folder: the pod's folder on this node; `inject/` and `ports/` are in it.
        log: where its output goes.

    """

    pod: Object
    container: Object
    image: Image | None
    environment: dict[str, str]
    node_environment: dict[str, str]
    mounts: Sequence[Mount]
    folder: Path
    log: ContainerLog

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.container["name"])


class Running(Protocol):
    """A container that was started."""

    @property
    def identifier(self) -> str:
        """What `containerID` says."""

    async def wait(self) -> Exit:
        """Return how it ended, once it has."""

    async def stop(self, grace_seconds: float) -> None:
        """Ask it to end, make it end after the grace; returns once it has. Real seconds."""

    def address(self, port: int) -> tuple[str, int] | None:
        """Return the loopback address behind a container port, None when nothing listens there."""

    async def execute(self, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:
        """Start a command beside the container's own, or raise ExecutionError."""


class Runtime(Protocol):
    """Starts containers of one kind."""

    async def start(self, what: ContainerStart) -> Running:
        """Start a container, or raise StartError."""


@dataclass(frozen=True, slots=True)
class EndedContainer:
    """A container that ended as soon as it was started."""

    ended: Exit
    identifier: str = "ended://at-once"

    async def wait(self) -> Exit:
        """Return how it ended."""
        return self.ended

    async def stop(self, grace_seconds: float) -> None:
        """Do nothing: there is nothing to stop."""

    def address(self, port: int) -> tuple[str, int] | None:  # noqa: ARG002 - nothing listens
        """Return None."""
        return None

    async def execute(self, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:  # noqa: ARG002 - its contract
        """Refuse: it has ended."""
        raise ExecutionError("cannot exec in a stopped container")
