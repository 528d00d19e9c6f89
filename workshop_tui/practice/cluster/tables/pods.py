"""The cells of a pod: READY, STATUS and RESTARTS are worked out from its containers' states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.tables.columns import age, since

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Object

_NONE = "<none>"
_ENDED_PHASES = ("Succeeded", "Failed")


@dataclass(slots=True)
class _Summary:
    """What its containers make of a pod."""

    reason: str
    ready: int = 0
    restarts: int = 0
    restarted: str = ""

    def count(self, container: dict[str, Any]) -> None:
        """Add a container's restarts, and the end of the run before this one."""
        self.restarts += container.get("restartCount", 0)
        ended = container.get("lastState", {}).get("terminated", {}).get("finishedAt") or ""
        self.restarted = max(self.restarted, ended)


def cells(pod: Object, now: datetime) -> list[Any]:
    """Return the cells of a pod; after printPod of k8s.io/kubernetes/pkg/printers/internalversion."""
    status = pod.get("status", {})
    summary = _summary(pod)
    restarts = str(summary.restarts)
    if summary.restarts and summary.restarted:
        restarts += f" ({since(summary.restarted, now)} ago)"
    total = len(pod["spec"].get("containers", [])) + len(_sidecars(pod))
    return [
        pod["metadata"]["name"],
        f"{summary.ready}/{total}",
        summary.reason,
        restarts,
        age(pod, now),
        status.get("podIP") or _NONE,
        pod["spec"].get("nodeName") or _NONE,
        status.get("nominatedNodeName") or _NONE,
        _gates(pod),
    ]


def reason(pod: Object) -> str:
    """Return what the STATUS column says."""
    return _summary(pod).reason


def _summary(pod: Object) -> _Summary:
    status = pod.get("status", {})
    summary = _Summary(status.get("reason") or status.get("phase", "Unknown"))
    scheduled = _condition(status, "PodScheduled")
    if scheduled and scheduled.get("reason") == "SchedulingGated":
        summary.reason = "SchedulingGated"
    initializing = _initialize(pod, summary)
    initialized = _condition(status, "Initialized") or {}
    if not initializing or initialized.get("status") == "True":
        _run(pod, summary)
    if "deletionTimestamp" in pod["metadata"]:
        if status.get("reason") == "NodeLost":
            summary.reason = "Unknown"
        elif status.get("phase") not in _ENDED_PHASES:
            summary.reason = "Terminating"
    return summary


def _sidecars(pod: Object) -> set[str]:
    """Return the names of the init containers that go on running beside the others."""
    return {
        each["name"]
        for each in pod["spec"].get("initContainers", [])
        if each.get("restartPolicy") == "Always"
    }


def _initialize(pod: Object, summary: _Summary) -> bool:
    """Take in the init containers up to the first that is not through; say whether there is one."""
    sidecars = _sidecars(pod)
    total = len(pod["spec"].get("initContainers", []))
    for index, each in enumerate(pod.get("status", {}).get("initContainerStatuses", [])):
        summary.count(each)
        state = each.get("state", {})
        ended = state.get("terminated")
        if ended and ended.get("exitCode") == 0:
            continue
        if each["name"] in sidecars and each.get("started"):
            summary.ready += bool(each.get("ready"))
            continue
        waiting = state.get("waiting", {}).get("reason")
        if ended:
            summary.reason = f"Init:{_ended(ended)}"
        elif waiting and waiting != "PodInitializing":
            summary.reason = f"Init:{waiting}"
        else:
            summary.reason = f"Init:{index}/{total}"
        return True
    return False


def _run(pod: Object, summary: _Summary) -> None:
    """Take in the containers; of the init containers only sidecars count any longer."""
    status = pod.get("status", {})
    summary.restarts, summary.restarted = 0, ""
    sidecars = _sidecars(pod)
    for each in status.get("initContainerStatuses", []):
        if each["name"] in sidecars:
            summary.count(each)
    running = False
    for each in reversed(status.get("containerStatuses", [])):
        summary.count(each)
        state = each.get("state", {})
        if state.get("waiting", {}).get("reason"):
            summary.reason = state["waiting"]["reason"]
        elif "terminated" in state:
            summary.reason = _ended(state["terminated"])
        elif each.get("ready") and "running" in state:
            running = True
            summary.ready += 1
    if summary.reason == "Completed" and running:
        ready = _condition(status, "Ready") or {}
        summary.reason = "Running" if ready.get("status") == "True" else "NotReady"


def _ended(state: dict[str, Any]) -> str:
    if state.get("reason"):
        return str(state["reason"])
    return f"Signal:{state['signal']}" if state.get("signal") else f"ExitCode:{state.get('exitCode', 0)}"


def _gates(pod: Object) -> str:
    """Return how many readiness gates are open."""
    gates = pod["spec"].get("readinessGates", [])
    found = (_condition(pod.get("status", {}), each["conditionType"]) or {} for each in gates)
    return f"{sum(each.get('status') == 'True' for each in found)}/{len(gates)}" if gates else _NONE


def _condition(status: dict[str, Any], type_: str) -> dict[str, Any] | None:
    return next((each for each in status.get("conditions", []) if each.get("type") == type_), None)
