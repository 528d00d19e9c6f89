"""One container of a pod: pull, start, probe, restart with back-off, and the events that tell of it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.backoff import SEEN_SECONDS, SYNC_SECONDS, Backoff, duration_text
from workshop_tui.practice.cluster.kubelet.environment import resolve_environment
from workshop_tui.practice.cluster.kubelet.health import ContainerHealth
from workshop_tui.practice.cluster.kubelet.hooks import HookError, Hooks
from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
from workshop_tui.practice.cluster.kubelet.memory import can_measure
from workshop_tui.practice.cluster.kubelet.pulling import Puller
from workshop_tui.practice.cluster.kubelet.requests import PodNetwork
from workshop_tui.practice.cluster.kubelet.runtimes import RUN_ERROR, ContainerStart, Exit, StartError
from workshop_tui.practice.cluster.kubelet.statuses import ContainerState, running, terminated, waiting
from workshop_tui.practice.cluster.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.cluster.kubelet.context import Node
    from workshop_tui.practice.cluster.kubelet.images import Image
    from workshop_tui.practice.cluster.kubelet.runtimes import Running, Runtime
    from workshop_tui.practice.cluster.kubelet.volumes import PodVolumes
    from workshop_tui.practice.cluster.ports import Object

_CALM_SECONDS = 600.0
"""A container that ran this long (simulated) starts its back-off anew."""
_KEPT_LOGS = 2
_LEAST_GRACE_SECONDS = 2.0
"""What is left to a container whose hook took all its time."""
_EPOCH = datetime.fromtimestamp(0, UTC)
_HASTY_SECONDS = 1.0
"""Real seconds a container gets when the node itself ends."""


@dataclass(slots=True)
class ContainerWorker:
    """Keeps one container as its pod wants it.

    Attributes:
        pod: the Pod as admitted.
        spec: the container in it.
        state: what its status says; `publish` writes it.
        is_init: it runs before the others, as a rule once and to its end.

    """

    node: Node
    pod: Object
    spec: Object
    volumes: PodVolumes
    ip: str
    state: ContainerState
    publish: Callable[[], None]
    is_init: bool = False
    log: ContainerLog | None = None
    current: Running | None = None
    _image: Image | None = None
    _stopping: bool = False
    _backoff: Backoff = field(default_factory=Backoff)

    @property
    def is_sidecar(self) -> bool:
        """Whether it starts before the others and goes on beside them."""
        return self.is_init and self.spec.get("restartPolicy") == "Always"

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.spec["name"])

    async def run(self) -> None:
        """Run the container, again and again as the restart policy says; returns when it is done for good."""
        if "terminated" in self.state.state or "running" in self.state.state:
            await self._recover()
        while not (self._is_done() or self._stopping):
            puller = Puller(self.node, self.pod, self.spec, self.state, self.publish)
            runtime, self._image = await puller.get()
            began = self.node.practice.clock.now()
            ended = await self._attempt(runtime, began)
            if ended is None:
                await self.node.practice.clock.sleep(SYNC_SECONDS)
                continue
            self._note_end(ended, began)
            if not (self._is_done() or self._stopping):
                await self._wait_to_restart(began)

    async def stop(self, grace_seconds: float) -> None:
        """End the container if it runs; it is not started again."""
        self._stopping = True
        await self._stop_current(grace_seconds)
        if self.log is not None and not self.log.ended:
            self.log.end()

    @property
    def has_failed(self) -> bool:
        """Whether it ended badly and is not tried again."""
        ended = self.state.state.get("terminated")
        return ended is not None and ended["exitCode"] != 0 and self._is_done()

    @property
    def waits_after_an_end(self) -> bool:
        """Whether it has ended and waits to be started again."""
        return "waiting" in self.state.state and "terminated" in self.state.last_state

    # restarts

    def _is_done(self) -> bool:
        ended = self.state.state.get("terminated")
        if ended is None:
            return False
        policy = self.pod["spec"].get("restartPolicy") or "Always"
        if self.is_sidecar:
            return False
        if self.is_init:
            return ended["exitCode"] == 0 or policy == "Never"
        return policy == "Never" or (policy == "OnFailure" and ended["exitCode"] == 0)

    async def _recover(self) -> None:
        """Go on after the node itself was started again: what ran then is over."""
        if "running" in self.state.state:
            began = parse_time(self.state.state["running"]["startedAt"])
            now = self.node.practice.clock.now()
            killed = Exit(137)
            self.state.state = terminated(
                killed, started=began, finished=now, identifier=self.state.identifier
            )
        if not self._is_done():
            self._next_attempt()

    def _next_attempt(self) -> None:
        self.state.last_state = self.state.state
        self.state.restarts += 1
        self.state.state = waiting("ContainerCreating")

    def _note_end(self, ended: Exit, began: datetime) -> None:
        self.state.ready = self.state.started = False
        self.state.state = terminated(
            ended,
            started=began if ended.has_run else _EPOCH,
            finished=self.node.practice.clock.now(),
            identifier=self.state.identifier,
        )
        self.publish()

    async def _wait_to_restart(self, began: datetime) -> None:
        """Wait with CrashLoopBackOff, except after the first end."""
        lived = (self.node.practice.clock.now() - began).total_seconds() * self.node.practice.clock.scale
        if lived > _CALM_SECONDS:
            self._backoff.reset()
        if self.state.restarts:
            seconds = self._backoff.take()
            metadata = self.pod["metadata"]
            pod = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
            message = f"back-off {duration_text(seconds)} restarting failed container={self.name} pod={pod}"
            ended, self.state.state = self.state.state, waiting("CrashLoopBackOff", message)
            self.state.last_state = ended
            self.publish()
            self._warn("BackOff", f"Back-off restarting failed container {self.name} in pod {pod}")
            await self.node.practice.clock.sleep(seconds)
            self.state.state = ended
        self._next_attempt()

    # one attempt

    async def _attempt(self, runtime: Runtime, began: datetime) -> Exit | None:
        """Start the container and watch it to its end; None when it can't even be created."""
        folder = self.node.folder(self.pod["metadata"]["uid"])
        log = ContainerLog(folder / self.name / f"{self.state.restarts}.log")
        log.path.with_name(f"{self.state.restarts - _KEPT_LOGS}.log").unlink(missing_ok=True)
        self.log = log
        try:
            environment = resolve_environment(self.pod, self.spec, self.node.objects, self.ip)
            what = ContainerStart(
                pod=self.pod,
                container=self.spec,
                image=self._image,
                environment=environment,
                node_environment=self.node.environment(),
                mounts=self.volumes.mounts(self.spec),
                folder=folder,
                log=log,
            )
            self.current = await runtime.start(what)
        except (StartError, OSError) as error:
            log.end()
            return await self._note_failed_start(error)
        self.state.identifier = self.current.identifier
        self._say("Created", f"Created container: {self.name}")
        self._say("Started", f"Started container {self.name}")
        self._say_what_is_not_enforced(runtime)
        try:
            if not await self._after_start():
                return await self.current.wait()
            self.state.state = running(began)
            self.state.started = "startupProbe" not in self.spec
            self.state.ready = self.state.started and "readinessProbe" not in self.spec
            self.publish()
            return await self._watched(self.current)
        except asyncio.CancelledError:
            await self.current.stop(_HASTY_SECONDS)
            raise
        finally:
            if not log.ended:
                log.end()
            self.current = None

    def _say_what_is_not_enforced(self, runtime: Runtime) -> None:
        limit = ((self.spec.get("resources") or {}).get("limits") or {}).get("memory")
        plain = runtime is self.node.processes and not can_measure()
        if limit and plain and self.state.restarts == 0:
            message = f"memory limit {limit} of {self.name} is not enforced: it runs as a plain process"
            self._say("MemoryLimitNotEnforced", message)

    async def _note_failed_start(self, error: StartError | OSError) -> Exit | None:
        """Tell why it did not start; a container that was created counts as one that ended."""
        reason = error.reason if isinstance(error, StartError) else RUN_ERROR
        if reason == RUN_ERROR:
            self._say("Created", f"Created container: {self.name}")
        self.state.state = waiting(reason, str(error))
        self._warn("Failed", f"Error: {error}")
        self.publish()
        if reason != RUN_ERROR:
            return None
        await self.node.practice.clock.sleep(SEEN_SECONDS)
        return Exit(128, "StartError", str(error), has_run=False)

    async def _after_start(self) -> bool:
        """Run the hook after the start; where it fails, tell so, stop the container and return False."""
        assert self.current is not None  # noqa: S101 - it has been started
        try:
            await Hooks(self._network(self.current), self.current).after_start()
        except HookError as error:
            self._warn("FailedPostStartHook", "PostStartHook failed")  # no more: it may hold secrets
            self._say("Killing", "FailedPostStartHook")
            self.state.state = waiting("PostStartHookError", str(error))
            self.publish()
            await self._stop_current(self._grace_seconds)
            return False
        return True

    async def _stop_current(self, grace_seconds: float) -> None:
        """Stop the attempt that runs, after the hook before its end; both share the grace (real seconds)."""
        current = self.current
        if current is None:
            return
        left = grace_seconds
        try:
            left = await Hooks(self._network(current), current).before_stop(grace_seconds)
        except HookError:
            self._warn("FailedPreStopHook", "PreStopHook failed")
        await current.stop(left if left == grace_seconds else max(left, _LEAST_GRACE_SECONDS))

    def _network(self, current: Running) -> PodNetwork:
        return PodNetwork(self.spec, self.ip, current.address)

    @property
    def _grace_seconds(self) -> float:
        return float(self.pod["spec"].get("terminationGracePeriodSeconds", 30))

    async def _watched(self, current: Running) -> Exit:
        """Return how the container ended; its probes run beside it."""
        network = self._network(current)
        health = ContainerHealth(self.node.practice.clock, self.spec, network, current, self.state)
        probing = asyncio.create_task(
            health.run(self.publish, self._warn, self._kill), name=f"probes of {self.name}"
        )
        try:
            return await current.wait()
        finally:
            probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await probing

    async def _kill(self, probe: str) -> None:
        self._say("Killing", f"Container {self.name} failed {probe} probe, will be restarted")
        await self._stop_current(self._grace_seconds)

    def _say(self, reason: str, message: str) -> None:
        self.node.tell(self.pod, "Normal", reason, message, self.name)

    def _warn(self, reason: str, message: str) -> None:
        self.node.tell(self.pod, "Warning", reason, message, self.name)
