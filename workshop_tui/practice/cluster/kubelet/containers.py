"""One container of a pod: pull, start, probe, restart with back-off, and the events that tell of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.backoff import Backoff, duration_text
from workshop_tui.practice.cluster.kubelet.built_in import built_in_image, built_in_image_id
from workshop_tui.practice.cluster.kubelet.environment import resolve_environment
from workshop_tui.practice.cluster.kubelet.health import ContainerHealth
from workshop_tui.practice.cluster.kubelet.images import is_embedded
from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
from workshop_tui.practice.cluster.kubelet.pull_errors import PullError, checked_reference
from workshop_tui.practice.cluster.kubelet.runtimes import ContainerStart, Exit, StartError
from workshop_tui.practice.cluster.kubelet.simulations import SimulatedRuntime
from workshop_tui.practice.cluster.kubelet.statuses import ContainerState, running, terminated, waiting
from workshop_tui.practice.cluster.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from workshop_tui.practice.cluster.kubelet.context import Node
    from workshop_tui.practice.cluster.kubelet.images import Image
    from workshop_tui.practice.cluster.kubelet.runtimes import Running, Runtime
    from workshop_tui.practice.cluster.kubelet.volumes import PodVolumes
    from workshop_tui.practice.cluster.ports import Object

_CALM_SECONDS = 600.0
"""A container that ran this long (simulated) starts its back-off anew."""


_HASTY_SECONDS = 1.0
"""Real seconds a container gets when the node itself ends."""


@dataclass(slots=True)
class ContainerWorker:
    """Keeps one container as its pod wants it.

    Attributes:
        pod: the Pod as admitted.
        spec: the container in it.
        state: what its status says; `publish` writes it.
        is_init: it runs once, to its end, before the others.

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
    def name(self) -> str:
        """The container's name."""
        return str(self.spec["name"])

    async def run(self) -> None:
        """Run the container, again and again as the restart policy says; returns when it is done for good."""
        if "terminated" in self.state.state or "running" in self.state.state:
            await self._recover()
        while not (self._is_done() or self._stopping):
            runtime = await self._runtime()
            began = self.node.practice.clock.now()
            ended = await self._attempt(runtime, began)
            if ended is None:
                await self._wait_after_failed_start()
                continue
            self._note_end(ended, began)
            if not (self._is_done() or self._stopping):
                await self._wait_to_restart(began)

    async def stop(self, grace_seconds: float) -> None:
        """End the container if it runs; it is not started again."""
        self._stopping = True
        if self.current is not None:
            await self.current.stop(grace_seconds)
        if self.log is not None and not self.log.ended:
            self.log.end()

    @property
    def has_failed(self) -> bool:
        """Say whether it ended badly and is not tried again."""
        ended = self.state.state.get("terminated")
        return ended is not None and ended["exitCode"] != 0 and self._is_done()

    # restarts

    def _is_done(self) -> bool:
        ended = self.state.state.get("terminated")
        if ended is None:
            return False
        policy = self.pod["spec"].get("restartPolicy") or "Always"
        if self.is_init:
            return ended["exitCode"] == 0 or policy == "Never"
        return policy == "Never" or (policy == "OnFailure" and ended["exitCode"] == 0)

    async def _recover(self) -> None:
        """Go on after the node itself was started again: what ran then is over."""
        if "running" in self.state.state:
            began = parse_time(self.state.state["running"]["startedAt"])
            now = self.node.practice.clock.now()
            self.state.state = terminated(
                137, "Error", started=began, finished=now, identifier=self.state.identifier
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
            ended.code,
            ended.shown_reason,
            started=began,
            finished=self.node.practice.clock.now(),
            identifier=self.state.identifier,
        )
        self.publish()

    async def _wait_to_restart(self, began: datetime) -> None:
        """Wait with CrashLoopBackOff, except after the first end."""
        lived = (self.node.practice.clock.now() - began).total_seconds() * self.node.practice.clock.scale
        if lived > _CALM_SECONDS:
            self._backoff.reset()
        first = self.state.restarts == 0
        self._next_attempt()
        if first:
            return
        seconds = self._backoff.take()
        metadata = self.pod["metadata"]
        pod = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        message = f"back-off {duration_text(seconds)} restarting failed container={self.name} pod={pod}"
        self.state.state = waiting("CrashLoopBackOff", message)
        self.publish()
        self._warn("BackOff", f"Back-off restarting failed container {self.name} in pod {pod}")
        await self.node.practice.clock.sleep(seconds)

    async def _wait_after_failed_start(self) -> None:
        self.publish()
        await self.node.practice.clock.sleep(self._backoff.take())

    # images

    async def _runtime(self) -> Runtime:
        """Get the image, however often it takes, and return what runs it."""
        backoff = Backoff()
        while True:
            try:
                return await self._find_image()
            except PullError as error:
                text, image = str(error), self.spec["image"]
            self._warn("Failed", f'Failed to pull image "{image}": {text}')
            self._warn("Failed", "Error: ErrImagePull")
            self.state.state = waiting("ErrImagePull", text)
            self.publish()
            message = f'Back-off pulling image "{image}"'
            self._say("BackOff", message)
            self._warn("Failed", "Error: ImagePullBackOff")
            seconds = backoff.take()
            await self.node.practice.clock.sleep(min(1.0, seconds))  # ErrImagePull is to be seen, too
            self.state.state = waiting("ImagePullBackOff", f"{message}: ErrImagePull: {text}")
            self.publish()
            await self.node.practice.clock.sleep(seconds)

    async def _find_image(self) -> Runtime:
        text = str(self.spec["image"])
        reference = checked_reference(text)
        program = built_in_image(self.pod, reference)
        if program is not None:
            self._say("Pulled", f'Container image "{text}" already present on machine')
            self.state.image_id = built_in_image_id(reference)
            return SimulatedRuntime(self.node.practice, program)
        policy = self.spec.get("imagePullPolicy") or ("Always" if reference.always_pulled else "IfNotPresent")
        image = None if policy == "Always" else self.node.images.present(reference)
        if image is not None:
            self._say("Pulled", f'Container image "{text}" already present on machine')
        elif policy == "Never":
            raise PullError(f'container image "{text}" is not present with pull policy of Never')
        else:
            self._say("Pulling", f'Pulling image "{text}"')
            began = time.monotonic()
            image = await self.node.images.pull(reference)
            took = f"{time.monotonic() - began:.3g}s"
            self._say(
                "Pulled",
                f'Successfully pulled image "{text}" in {took} ({took} including waiting).'
                f" Image size: {image.size} bytes.",
            )
        self._image = image
        self.state.image_id = image.image_id
        return self.node.processes if is_embedded(image.config) else self.node.docker

    # one attempt

    async def _attempt(self, runtime: Runtime, began: datetime) -> Exit | None:
        """Start the container and watch it to its end; None when it can't be started."""
        folder = self.node.folder(self.pod["metadata"]["uid"])
        log = ContainerLog(folder / self.name / f"{self.state.restarts}.log")
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
            self._note_failed_start(error)
            log.end()
            return None
        self.state.identifier = self.current.identifier
        self._say("Created", f"Created container: {self.name}")
        self._say("Started", f"Started container {self.name}")
        self._say_what_is_not_enforced(runtime)
        self.state.state = running(began)
        self.state.started = "startupProbe" not in self.spec
        self.state.ready = self.state.started and "readinessProbe" not in self.spec
        self.publish()
        try:
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
        if limit and runtime is self.node.processes and self.state.restarts == 0:
            message = f"memory limit {limit} of {self.name} is not enforced: it runs as a plain process"
            self._say("MemoryLimitNotEnforced", message)

    def _note_failed_start(self, error: StartError | OSError) -> None:
        reason = error.reason if isinstance(error, StartError) else "RunContainerError"
        self.state.state = waiting(reason, str(error))
        self._warn("Failed", f"Error: {error}")

    async def _watched(self, current: Running) -> Exit:
        """Return how the container ended; its probes run beside it."""
        health = ContainerHealth(self.node.practice.clock, self.spec, self.ip, current, self.state)
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
        if self.current is not None:
            await self.current.stop(float(self.pod["spec"].get("terminationGracePeriodSeconds", 30)))

    def _say(self, reason: str, message: str) -> None:
        self.node.tell(self.pod, "Normal", reason, message, self.name)

    def _warn(self, reason: str, message: str) -> None:
        self.node.tell(self.pod, "Warning", reason, message, self.name)
