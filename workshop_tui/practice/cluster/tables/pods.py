"""The cells of a pod: READY, STATUS and RESTARTS are worked out from its containers' states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.tables.columns import age, since

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Object

_NONE = "<none>"


def cells(pod: Object, now: datetime) -> list[Any]:
    """Return the cells of a pod; after printPod of k8s.io/kubernetes/pkg/printers/internalversion."""
    status = pod.get("status", {})
    sidecars = {each["name"] for each in pod["spec"].get("initContainers", []) if is_sidecar(each)}
    beside = [each for each in status.get("initContainerStatuses", []) if each.get("name") in sidecars]
    containers = [*beside, *status.get("containerStatuses", [])]
    ready = sum(1 for each in containers if each.get("ready") and "running" in each.get("state", {}))
    total = len(pod["spec"].get("containers", [])) + len(sidecars)
    return [
        pod["metadata"]["name"],
        f"{ready}/{total}",
        reason(pod),
        _restarts(containers, now),
        age(pod, now),
        status.get("podIP") or _NONE,
        pod["spec"].get("nodeName") or _NONE,
        _NONE,
        _NONE,
    ]


def is_sidecar(container: Object) -> bool:
    """Say whether an init container goes on beside the others."""
    return bool(container.get("restartPolicy") == "Always")


def reason(pod: Object) -> str:
    """Return what the STATUS column says."""
    status = pod.get("status", {})
    shown = status.get("reason") or status.get("phase", "Unknown")
    scheduled = _condition(status, "PodScheduled")
    if scheduled and scheduled.get("reason") == "SchedulingGated":
        shown = "SchedulingGated"
    shown = _initializing(pod) or _containers_reason(status, shown)
    if "deletionTimestamp" in pod["metadata"]:
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return shown


def _initializing(pod: Object) -> str:
    """Return the `Init:…` text while init containers still have to run, else nothing."""
    statuses = pod.get("status", {}).get("initContainerStatuses", [])
    total = len(pod["spec"].get("initContainers", []))
    for index, each in enumerate(statuses):
        state = each.get("state", {})
        ended = state.get("terminated")
        if ended and ended.get("exitCode") == 0:
            continue
        if is_sidecar(pod["spec"]["initContainers"][index]) and each.get("started"):
            continue
        if ended:
            return f"Init:{_ended(ended)}"
        waiting = state.get("waiting", {}).get("reason")
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}"
        return f"Init:{index}/{total}"
    return ""


def _containers_reason(status: dict[str, Any], shown: str) -> str:
    running = False
    for each in reversed(status.get("containerStatuses", [])):
        state = each.get("state", {})
        if state.get("waiting", {}).get("reason"):
            shown = state["waiting"]["reason"]
        elif "terminated" in state:
            shown = _ended(state["terminated"])
        elif each.get("ready") and "running" in state:
            running = True
    if shown == "Completed" and running:
        ready = _condition(status, "Ready")
        return "Running" if ready and ready.get("status") == "True" else "NotReady"
    return shown


def _ended(state: dict[str, Any]) -> str:
    if state.get("reason"):
        return str(state["reason"])
    return f"Signal:{state['signal']}" if state.get("signal") else f"ExitCode:{state.get('exitCode', 0)}"


def _restarts(containers: list[dict[str, Any]], now: datetime) -> str:
    count = sum(each.get("restartCount", 0) for each in containers)
    ends = [each.get("lastState", {}).get("terminated", {}).get("finishedAt") for each in containers]
    latest = max((end for end in ends if end), default=None)
    return f"{count} ({since(latest, now)} ago)" if count and latest else str(count)


def _condition(status: dict[str, Any], type_: str) -> dict[str, Any] | None:
    return next((each for each in status.get("conditions", []) if each.get("type") == type_), None)
