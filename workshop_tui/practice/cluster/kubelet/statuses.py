"""Pod and container statuses as the kubelet writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from workshop_tui.practice.cluster.kubelet.runtimes import Exit
    from workshop_tui.practice.cluster.ports import Object


@dataclass(slots=True)
class ContainerState:
    """What is known of one container; `state` and `last_state` are as in JSON."""

    name: str
    image: str
    state: dict[str, Any] = field(default_factory=lambda: waiting("ContainerCreating"))
    last_state: dict[str, Any] = field(default_factory=dict)
    restarts: int = 0
    ready: bool = False
    started: bool = False
    image_id: str = ""
    identifier: str = ""
    is_sidecar: bool = False

    @property
    def has_done_its_part(self) -> bool:
        """Whether the containers after this init container may start."""
        if self.is_sidecar:
            return self.started
        return bool(self.state.get("terminated", {}).get("exitCode", 1) == 0)

    @classmethod
    def remembered(cls, container: Object, earlier: Object | None) -> ContainerState:
        """Go on from the status an earlier node wrote; what it ran then has ended."""
        made = cls(container["name"], container["image"])
        made.is_sidecar = container.get("restartPolicy") == "Always"
        if earlier is None:
            return made
        made.restarts = int(earlier.get("restartCount", 0))
        made.last_state = earlier.get("lastState") or {}
        made.image_id = earlier.get("imageID", "")
        made.identifier = earlier.get("containerID", "")
        made.state = earlier.get("state") or made.state
        return made

    def document(self) -> dict[str, Any]:
        """Return it as an entry of `containerStatuses`."""
        document = {
            "name": self.name,
            "state": self.state,
            "lastState": self.last_state,
            "ready": self.ready,
            "restartCount": self.restarts,
            "image": self.image,
            "imageID": self.image_id,
            "started": self.started,
        }
        return document | ({"containerID": self.identifier} if self.identifier else {})


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """Return a waiting state."""
    return {"waiting": {"reason": reason} | ({"message": message} if message else {})}


def running(since: datetime) -> dict[str, Any]:
    """Return a running state."""
    return {"running": {"startedAt": time_text(since)}}


def terminated(ended: Exit, *, started: datetime, finished: datetime, identifier: str) -> dict[str, Any]:
    """Return a terminated state."""
    state: dict[str, Any] = {
        "exitCode": ended.code,
        "reason": ended.shown_reason,
        "startedAt": time_text(started),
        "finishedAt": time_text(finished),
        "containerID": identifier,
    }
    return {"terminated": state | ({"message": ended.message} if ended.message else {})}


def phase_of(containers: Sequence[ContainerState], restart_policy: str) -> str:
    """Return the pod's phase (kubelet: getPhase)."""
    ended = [state for state in containers if "terminated" in state.state]
    if len(ended) == len(containers) and restart_policy != "Always":
        failed = any(state.state["terminated"]["exitCode"] for state in ended)
        if not failed:
            return "Succeeded"
        if restart_policy == "Never":
            return "Failed"
    begun = all(state.state.keys() & {"running", "terminated"} or state.last_state for state in containers)
    return "Running" if begun and containers else "Pending"


def conditions_of(
    pod: Object,
    inits: Sequence[ContainerState],
    containers: Sequence[ContainerState],
    now: datetime,
    phase: str,
) -> list[dict[str, Any]]:
    """Return the pod's conditions; a condition that did not change keeps its time of transition."""
    open_inits = [s.name for s in inits if not s.has_done_its_part]
    unready = [s.name for s in [*(s for s in inits if s.is_sidecar), *containers] if not s.ready]
    initialized: dict[str, Any] = {"type": "Initialized", "status": "True"}
    if open_inits:
        message = f"containers with incomplete status: [{' '.join(open_inits)}]"
        initialized |= {"status": "False", "reason": "ContainersNotInitialized", "message": message}
    readiness: dict[str, Any] = {"status": "True"}
    if phase == "Succeeded":
        readiness = {"status": "False", "reason": "PodCompleted"}
    elif unready:
        message = f"containers with unready status: [{' '.join(unready)}]"
        readiness = {"status": "False", "reason": "ContainersNotReady", "message": message}
    wanted = [
        {"type": "PodReadyToStartContainers", "status": "True"},
        initialized,
        {"type": "Ready", **readiness},
        {"type": "ContainersReady", **readiness},
        {"type": "PodScheduled", "status": "True"},
    ]
    earlier = {entry["type"]: entry for entry in (pod.get("status") or {}).get("conditions") or []}
    for condition in wanted:
        before = earlier.get(condition["type"], {})
        same = before.get("status") == condition["status"] and before.get("lastTransitionTime")
        condition |= {"lastProbeTime": None, "lastTransitionTime": same or time_text(now)}
    return wanted
