"""The kubelet: one worker for each pod that is bound to its node."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.context import Node
from workshop_tui.practice.cluster.kubelet.docker_containers import DockerRuntime
from workshop_tui.practice.cluster.kubelet.images import ImageCache
from workshop_tui.practice.cluster.kubelet.pods import PodWorker
from workshop_tui.practice.cluster.kubelet.processes import ProcessRuntime, kill_leftovers

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.runtimes import Running
    from workshop_tui.practice.cluster.ports import Change, EventRecorder, Object, ObjectStore, TokenIssuer
    from workshop_tui.practice.context import Practice

_CONTAINERS = ("initContainers", "containers")
_ENDED = ("Succeeded", "Failed")


def create_kubelet(
    practice: Practice, objects: ObjectStore, events: EventRecorder, tokens: TokenIssuer, node_name: str
) -> Kubelet:
    """Return the node side of the cluster, a `PodRuntime`."""
    node = Node(
        name=node_name,
        practice=practice,
        objects=objects,
        events=events,
        tokens=tokens,
        images=ImageCache(practice),
        processes=ProcessRuntime(),
        docker=DockerRuntime(practice.options.folder),
    )
    return Kubelet(node)


class Kubelet:
    """Watches pods and keeps a worker for each of its own."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._pods: dict[tuple[str, str], PodWorker] = {}

    async def run(self) -> None:
        """Work until cancelled; then stop every process it started. May be run again."""
        self._pods.clear()
        await self._clear_up()
        try:
            async with asyncio.TaskGroup() as group:
                async for change in self._node.objects.watch("pods"):
                    self._follow(change, group)
        finally:
            kill_leftovers(self._node.practice.options.folder / "pods")

    def log_path(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> Path | None:
        """Return the log file of the latest attempt, or of the one before; None if there is none."""
        worker = self._pods.get((namespace, pod))
        if worker is None:
            return None
        folder = self._node.folder(worker.uid) / container
        attempts = sorted(folder.glob("*.log"), key=lambda path: int(path.stem))
        keeper = worker.worker(container)
        starts_or_runs = keeper is not None and keeper.log is not None and not keeper.log.ended
        if keeper is not None and keeper.waits_after_an_end:  # the last that ended is the previous, too
            attempts = attempts[:-1] if starts_or_runs else attempts
        elif previous:
            attempts = attempts[:-1]
        return attempts[-1] if attempts else None

    async def log_grew(self, namespace: str, pod: str, container: str, size: int) -> bool:
        """Wait until the current log is longer than `size` bytes: True; False when it ended and is not."""
        worker = self._pods.get((namespace, pod))
        log = worker.log(container) if worker is not None else None
        return log is not None and await log.grew(size)

    def address(self, namespace: str, pod: str, port: int) -> tuple[str, int] | None:
        """Return loopback host and port of a container port of the pod, None if it does not run."""
        worker = self._pods.get((namespace, pod))
        return worker.address(port) if worker is not None else None

    def running(self, namespace: str, pod: str, container: str) -> Running | None:
        """Return the container as it runs now, None if it does not."""
        worker = self._pods.get((namespace, pod))
        found = worker.worker(container) if worker is not None else None
        return found.current if found is not None else None

    def _follow(self, change: Change, group: asyncio.TaskGroup) -> None:
        pod = change.object
        metadata = pod["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        worker = self._pods.get(key)
        if worker is not None and worker.uid != metadata["uid"]:
            worker.end(0)
            worker = None
        if change.type == "DELETED":
            if worker is not None:
                del self._pods[key]
                worker.end(0)
            return
        if pod["spec"].get("nodeName") != self._node.name:
            return
        if worker is None:
            if (pod.get("status") or {}).get("phase") in _ENDED and "deletionTimestamp" not in metadata:
                return
            worker = self._pods[key] = PodWorker(self._node, pod, self._address_for(pod))
            worker.begin(group)
        if "deletionTimestamp" in metadata:
            worker.end(float(metadata.get("deletionGracePeriodSeconds") or 0))

    def _address_for(self, pod: Object) -> str:
        """Return the pod's address: the one it has, else the first free one of the node's range."""
        earlier = (pod.get("status") or {}).get("podIP")
        if earlier:
            return str(earlier)
        taken = {worker.ip for worker in self._pods.values()}
        for number in range(4, 65000):
            address = f"10.244.{number // 250}.{number % 250 + 1}"
            if address not in taken:
                return address
        raise RuntimeError("the node has no free pod address")

    async def _clear_up(self) -> None:
        """End what an earlier node left running, and forget pods that are gone."""
        pods = self._node.practice.options.folder / "pods"
        pods.mkdir(parents=True, exist_ok=True, mode=0o700)
        kill_leftovers(pods)
        await self._node.docker.remove_leftovers()
        listed = self._node.objects.list("pods")
        used = {c["image"] for p in listed for f in _CONTAINERS for c in p["spec"].get(f) or []}
        self._node.images.collect(used)
        known = {pod["metadata"]["uid"] for pod in listed}
        for folder in pods.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
