"""One pod on the node: its folder, volumes and containers; its status; its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.kubelet.containers import ContainerWorker
from workshop_tui.practice.cluster.kubelet.processes import (
    end_strays,
    has_run_processes,
    prepare_pod_folder,
)
from workshop_tui.practice.cluster.kubelet.statuses import ContainerState, conditions_of, phase_of, waiting
from workshop_tui.practice.cluster.kubelet.volumes import MountError, PodVolumes
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from workshop_tui.practice.cluster.kubelet.context import Node
    from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
    from workshop_tui.practice.cluster.ports import Object

_MOUNT_RETRY_SECONDS = 5.0
_GRACE_SECONDS = 30.0
"""Real seconds a sidecar gets when its pod is done."""

logger = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def _ended_with(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run `work` beside the block; at the block's end it is cancelled and waited for."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


class PodWorker:
    """Runs one pod until it is deleted or done; one task, everything of the pod inside it."""

    def __init__(self, node: Node, pod: Object, ip: str) -> None:
        self._node = node
        self.pod = pod
        self.ip = ip
        self.uid = str(pod["metadata"]["uid"])
        self._folder = node.folder(self.uid)
        self._volumes = PodVolumes(
            pod, self._folder, node.objects, node.tokens, clock=node.practice.clock, ip=ip
        )
        self._started = (pod.get("status") or {}).get("startTime") or time_text(node.practice.clock.now())
        self._inits = self._workers("initContainers", "initContainerStatuses")
        self._mains = self._workers("containers", "containerStatuses")
        self._show_initializing()
        self._changed = asyncio.Event()
        self._deleted = asyncio.Event()
        self._grace = 0.0

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Start the pod's task in this group."""
        name = f"pod {self.pod['metadata']['name']}"
        group.create_task(self._run(), name=name)

    def end(self, grace_seconds: float) -> None:
        """Stop the pod and remove it from the API; the task does it."""
        if not self._deleted.is_set():
            self._grace = grace_seconds
            self._deleted.set()

    def worker(self, container: str) -> ContainerWorker | None:
        """Return the worker of a container."""
        return next((w for w in [*self._mains, *self._inits] if w.name == container), None)

    def log(self, container: str) -> ContainerLog | None:
        """Return the log being written for the container."""
        worker = self.worker(container)
        return worker.log if worker is not None else None

    def address(self, port: int) -> tuple[str, int] | None:
        """Return the loopback address behind a port of the pod."""
        for worker in self._mains:
            if worker.current is not None and (found := worker.current.address(port)) is not None:
                return found
        return None

    def _workers(self, field: str, statuses: str) -> list[ContainerWorker]:
        known = {entry["name"]: entry for entry in (self.pod.get("status") or {}).get(statuses) or []}
        return [
            ContainerWorker(
                node=self._node,
                pod=self.pod,
                spec=spec,
                volumes=self._volumes,
                ip=self.ip,
                state=ContainerState.remembered(spec, known.get(spec["name"])),
                publish=self.publish,
                is_init=field == "initContainers",
            )
            for spec in self.pod["spec"].get(field) or []
        ]

    async def _run(self) -> None:
        """Work until deleted; a cancel is the node's own end and leaves the pod in the API."""
        async with _ended_with(self._guarded_work()) as work:
            await self._deleted.wait()
            for worker in [*self._mains, *self._inits]:
                if worker.current is not None:
                    text = f"Stopping container {worker.name}"
                    self._node.tell(self.pod, "Normal", "Killing", text, worker.name)
            await self._stop(self._grace)
        assert work.done()  # noqa: S101 - nothing of the pod runs any more
        self._remove()

    async def _guarded_work(self) -> None:
        """Keep a fault of ours in one pod from ending the whole node."""
        try:
            await self._work()
        except Exception as error:
            logger.exception("pod %s", self.pod["metadata"]["name"])
            self._node.tell(self.pod, "Warning", "FailedSync", f"error syncing pod: {error}")

    async def _work(self) -> None:
        prepare_pod_folder(self._folder)
        self.publish()
        await self._set_up_volumes()
        async with asyncio.TaskGroup() as group:
            fresh = group.create_task(self._volumes.keep_fresh())
            sidecars: list[asyncio.Task[None]] = []
            try:
                if await self._initialize(group, sidecars):
                    running = [group.create_task(worker.run()) for worker in self._mains]
                    await asyncio.wait(running)
                    await self._stop_sidecars(_GRACE_SECONDS)
                    await asyncio.gather(*sidecars)
            finally:
                for task in [fresh, *sidecars]:
                    task.cancel()

    def _show_initializing(self) -> None:
        """Show what waits for init containers as such."""
        for worker in [*self._inits[1:], *(self._mains if self._inits else ())]:
            if worker.state.state == waiting("ContainerCreating"):
                worker.state.state = waiting("PodInitializing")

    async def _initialize(self, group: asyncio.TaskGroup, sidecars: list[asyncio.Task[None]]) -> bool:
        """Run the init containers one after the other; a sidecar goes on once it has started."""
        for worker in self._inits:
            if worker.is_sidecar:
                sidecars.append(group.create_task(worker.run()))
                while not worker.state.started:
                    await self._changed.wait()
            else:
                await worker.run()
                if worker.has_failed:
                    return False
        return True

    async def _stop_sidecars(self, grace_seconds: float) -> None:
        """Stop them in the reverse order of their start."""
        for worker in reversed(self._inits):
            if worker.is_sidecar:
                await worker.stop(grace_seconds)

    async def _set_up_volumes(self) -> None:
        while True:
            try:
                self._volumes.set_up()
            except (MountError, OSError) as error:
                self._node.tell(self.pod, "Warning", "FailedMount", str(error))
                await self._node.practice.clock.sleep(_MOUNT_RETRY_SECONDS)
            else:
                return

    async def _stop(self, grace_seconds: float) -> None:
        workers = [*self._mains, *(worker for worker in self._inits if not worker.is_sidecar)]
        await asyncio.gather(*(worker.stop(grace_seconds) for worker in workers), return_exceptions=True)
        await self._stop_sidecars(grace_seconds)

    def _remove(self) -> None:
        """Remove folder and object."""
        if has_run_processes(self._folder):
            end_strays(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)
        metadata = self.pod["metadata"]
        with contextlib.suppress(ApiError):  # it was removed by force
            self._node.objects.delete(
                "pods", metadata["namespace"], metadata["name"], uid=self.uid, grace_seconds=0
            )

    def publish(self) -> None:
        """Write the pod's status, if the pod is still there."""
        self._changed.set()
        self._changed = asyncio.Event()
        metadata, clock = self.pod["metadata"], self._node.practice.clock
        current = self._node.objects.find("pods", metadata["namespace"], metadata["name"])
        if current is None or current["metadata"]["uid"] != self.uid:
            return
        mains, inits = [w.state for w in self._mains], [w.state for w in self._inits]
        phase = phase_of(mains, self.pod["spec"].get("restartPolicy") or "Always")
        if any(worker.has_failed for worker in self._inits):
            phase = "Failed"
        status = {
            **(current.get("status") or {}),
            "phase": phase,
            "conditions": conditions_of(current, inits, mains, clock.now(), phase),
            "hostIP": "127.0.0.1",
            "hostIPs": [{"ip": "127.0.0.1"}],
            "podIP": self.ip,
            "podIPs": [{"ip": self.ip}],
            "startTime": self._started,
            "containerStatuses": [state.document() for state in mains],
        }
        if inits:
            status["initContainerStatuses"] = [state.document() for state in inits]
        if status != current.get("status"):
            current["status"] = status
            current["metadata"].pop("resourceVersion", None)
            self._node.objects.update_status("pods", current)
