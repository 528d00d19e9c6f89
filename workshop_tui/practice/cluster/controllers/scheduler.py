"""Places pods on the one node, or says why it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.controllers.fitting import why_not
from workshop_tui.practice.cluster.controllers.pods import condition, set_condition
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.controllers.loop import Key
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import EventRecorder, Object
    from workshop_tui.practice.context import Clock

_COMPONENT = "default-scheduler"
_ENDED = ("Succeeded", "Failed")


class Scheduler:
    """The scheduler of a cluster with one node."""

    def __init__(self, objects: Objects, events: EventRecorder, clock: Clock) -> None:
        self._objects = objects
        self._events = events
        self._clock = clock

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return a pod without a node; all of them when room may have come."""
        if resource not in ("pods", "nodes"):
            return
        metadata = object_["metadata"]
        if resource == "pods" and not object_["spec"].get("nodeName"):
            yield metadata["namespace"], metadata["name"]
            return
        ended = object_.get("status", {}).get("phase") in _ENDED or "deletionTimestamp" in metadata
        if resource == "nodes" or ended:
            for pod in self._objects.view("pods"):
                if not pod["spec"].get("nodeName"):
                    yield pod["metadata"]["namespace"], pod["metadata"]["name"]

    def reconcile(self, key: Key) -> float | None:
        """Bind the pod to the node if it fits."""
        pod = self._objects.find("pods", *key)
        if pod is None or pod["spec"].get("nodeName") or "deletionTimestamp" in pod["metadata"]:
            return None
        if pod["spec"].get("schedulingGates") or pod["spec"].get("schedulerName") != _COMPONENT:
            return None
        nodes = self._objects.view("nodes")
        obstacle = (
            why_not(pod, nodes[0], self._objects.view("pods"))
            if nodes
            else "no nodes available to schedule pods"
        )
        if obstacle:
            self._refuse(pod, obstacle)
        else:
            self._bind(pod, nodes[0]["metadata"]["name"])
        return None

    def _bind(self, pod: Object, node: str) -> None:
        pod["spec"]["nodeName"] = node
        bound = self._objects.update("pods", pod)
        self._set_scheduled(bound, {"type": "PodScheduled", "status": "True"})
        metadata = bound["metadata"]
        message = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
        self._events.record(bound, type_="Normal", reason="Scheduled", message=message, component=_COMPONENT)

    def _refuse(self, pod: Object, message: str) -> None:
        before = condition(pod, "PodScheduled")
        if before and before.get("message") == message:
            return
        refused = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        self._set_scheduled(pod, refused)
        self._events.record(
            pod, type_="Warning", reason="FailedScheduling", message=message, component=_COMPONENT
        )

    def _set_scheduled(self, pod: Object, new: dict[str, str]) -> None:
        now = time_text(self._clock.now())
        status = pod.get("status", {})
        full = {"lastProbeTime": None, "reason": None, "message": None} | new
        conditions = set_condition(status.get("conditions", []), full, now)
        cleaned = [
            {key: value for key, value in each.items() if value is not None or key == "lastProbeTime"}
            for each in conditions
        ]
        current = self._objects.get("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
        current["status"] = status | {"conditions": cleaned}
        self._objects.update_status("pods", current)
