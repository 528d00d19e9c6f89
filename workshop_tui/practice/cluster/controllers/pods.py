"""What controllers ask about pods."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.times import parse_time

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Object

_ENDED = ("Succeeded", "Failed")


def condition(object_: Object, type_: str) -> dict[str, Any] | None:
    """Return the condition of that type, or None."""
    conditions = object_.get("status", {}).get("conditions", [])
    return next((each for each in conditions if each.get("type") == type_), None)


def owner_of(object_: Object) -> dict[str, Any] | None:
    """Return the reference to the object's controller, or None."""
    references = object_["metadata"].get("ownerReferences", [])
    return next((each for each in references if each.get("controller")), None)


def is_active(pod: Object) -> bool:
    """Return whether a pod runs or will: it has not ended and is not being deleted."""
    return pod.get("status", {}).get("phase") not in _ENDED and "deletionTimestamp" not in pod["metadata"]


def is_ready(pod: Object) -> bool:
    """Return whether a pod takes requests."""
    ready = condition(pod, "Ready")
    return ready is not None and ready.get("status") == "True"


def available_in(pod: Object, minimum_seconds: float, now: datetime) -> float | None:
    """Return in how many real seconds a pod counts as available (0: it does), None while it is not ready."""
    ready = condition(pod, "Ready")
    if ready is None or ready.get("status") != "True":
        return None
    if not minimum_seconds:
        return 0.0
    until = parse_time(ready["lastTransitionTime"]) + timedelta(seconds=minimum_seconds)
    return max(0.0, (until - now).total_seconds())


def set_condition(conditions: list[dict[str, Any]], new: dict[str, Any], now: str) -> list[dict[str, Any]]:
    """Return the conditions with `new` in place of the one of its type; times move only when it changes."""
    old = next((each for each in conditions if each.get("type") == new["type"]), None)
    if old is not None and all(old.get(key) == new[key] for key in ("status", "reason", "message")):
        return conditions
    same = old is not None and old.get("status") == new["status"]
    transition = old.get("lastTransitionTime", now) if same and old else now
    changed = new | {"lastTransitionTime": transition}
    if old is None:
        return [*conditions, changed]
    return [changed if each is old else each for each in conditions]
