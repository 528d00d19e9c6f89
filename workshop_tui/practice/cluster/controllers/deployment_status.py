"""What a Deployment's status says: counts, conditions, and when a rollout has taken too long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.controllers.pods import condition, set_condition
from workshop_tui.practice.cluster.controllers.rollout import bounds_of
from workshop_tui.practice.cluster.times import parse_time, time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Clock

_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")
_PAUSED = "DeploymentPaused"
_MINIMUM = "Deployment does not have minimum availability."


class DeploymentStatus:
    """Writes the status of Deployments."""

    def __init__(self, objects: Objects, clock: Clock) -> None:
        self._objects = objects
        self._clock = clock

    def write(self, deployment: Object, new: Object | None, sets: Sequence[Object]) -> float | None:
        """Write the status; return in how many real seconds the progress deadline is to be looked at."""
        counts = _counts(deployment, new, sets)
        conditions, deadline = self._conditions(deployment, new, sets, counts)
        status: dict[str, Any] = {key: counts[key] for key in _COUNTS if counts[key]}
        status["observedGeneration"] = deployment["metadata"].get("generation", 1)
        status["conditions"] = conditions
        metadata = {key: deployment["metadata"][key] for key in ("name", "namespace", "uid")}
        self._objects.update_status("deployments", {"metadata": metadata, "status": status})
        return deadline

    def _conditions(
        self, deployment: Object, new: Object | None, sets: Sequence[Object], counts: dict[str, int]
    ) -> tuple[list[dict[str, Any]], float | None]:
        now = self._clock.now()
        text = time_text(now)
        conditions = list(deployment.get("status", {}).get("conditions", []))
        conditions = set_condition(conditions, _updated(_availability(deployment, counts), text), text)
        conditions = [each for each in conditions if each.get("type") != "ReplicaFailure"]
        failure = next(filter(None, (condition(each, "ReplicaFailure") for each in sets)), None)
        if failure:
            conditions.append(failure | {"lastUpdateTime": failure["lastTransitionTime"]})
        progress, deadline = self._progress(deployment, new, counts)
        if progress:
            conditions = set_condition(conditions, _updated(progress, text), text)
            if progress["reason"] == "ReplicaSetUpdated" and _advanced(deployment, counts):
                conditions = [
                    each | {"lastUpdateTime": text} if each.get("type") == "Progressing" else each
                    for each in conditions
                ]
        return conditions, deadline

    def _progress(  # noqa: PLR0911 - a return per state of a rollout
        self, deployment: Object, new: Object | None, counts: dict[str, int]
    ) -> tuple[dict[str, Any] | None, float | None]:
        """Return the Progressing condition, None to leave it as it is, and when to look again."""
        before = condition(deployment, "Progressing")
        if deployment["spec"].get("paused") or (before or {}).get("reason") == _PAUSED:
            return self._paused(deployment, before)
        if new is None:
            return None, None
        name = new["metadata"]["name"]
        if _complete(deployment, counts):
            message = f'ReplicaSet "{name}" has successfully progressed.'
            return _progressing("True", "NewReplicaSetAvailable", message), None
        changed = (
            deployment.get("status", {}).get("observedGeneration") != deployment["metadata"]["generation"]
        )
        if before is None or (
            changed and before["reason"] in ("NewReplicaSetAvailable", "ProgressDeadlineExceeded")
        ):
            left = self._deadline(deployment, None)
            return _progressing("True", "NewReplicaSetCreated", f'Created new replica set "{name}"'), left
        if before["reason"] == "NewReplicaSetAvailable":
            return None, None
        left = self._deadline(deployment, before)
        if before["reason"] == "ProgressDeadlineExceeded" or left <= 0:
            if not _advanced(deployment, counts):
                message = f'ReplicaSet "{name}" has timed out progressing.'
                return _progressing("False", "ProgressDeadlineExceeded", message), None
            left = self._deadline(deployment, None)
        if _advanced(deployment, counts):
            message = f'ReplicaSet "{name}" is progressing.'
            return _progressing("True", "ReplicaSetUpdated", message), left
        return None, left

    def _paused(
        self, deployment: Object, before: dict[str, Any] | None
    ) -> tuple[dict[str, Any] | None, float | None]:
        """Return that a rollout is paused, or goes on; one that has failed stays so."""
        reason = (before or {}).get("reason")
        if not deployment["spec"].get("paused"):
            resumed = _progressing("Unknown", "DeploymentResumed", "Deployment is resumed")
            return resumed, self._deadline(deployment, None)
        if reason in (_PAUSED, "ProgressDeadlineExceeded"):
            return None, None
        return _progressing("Unknown", _PAUSED, "Deployment is paused"), None

    def _deadline(self, deployment: Object, before: dict[str, Any] | None) -> float:
        """Return the real seconds left until the rollout counts as stuck."""
        seconds = deployment["spec"]["progressDeadlineSeconds"] / self._clock.scale
        if before is None:
            return float(seconds)
        end = parse_time(before["lastUpdateTime"]) + timedelta(seconds=seconds)
        return (end - self._clock.now()).total_seconds()


def _counts(deployment: Object, new: Object | None, sets: Sequence[Object]) -> dict[str, int]:
    def total(field: str) -> int:
        return sum(each.get("status", {}).get(field, 0) for each in sets)

    wanted = sum(each["spec"]["replicas"] for each in sets)
    available = total("availableReplicas")
    return {
        "replicas": total("replicas"),
        "updatedReplicas": (new or {}).get("status", {}).get("replicas", 0),
        "readyReplicas": total("readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, max(wanted, deployment["spec"]["replicas"]) - available),
    }


def _complete(deployment: Object, counts: dict[str, int]) -> bool:
    replicas = deployment["spec"]["replicas"]
    return all(counts[key] == replicas for key in ("updatedReplicas", "replicas", "availableReplicas"))


def _advanced(deployment: Object, counts: dict[str, int]) -> bool:
    """Return whether the rollout has come further than the written status says."""
    before = deployment.get("status", {})
    old_before = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    old_now = counts["replicas"] - counts["updatedReplicas"]
    more = any(
        counts[key] > before.get(key, 0) for key in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    return more or old_now < old_before


def _availability(deployment: Object, counts: dict[str, int]) -> dict[str, Any]:
    replicas = deployment["spec"]["replicas"]
    if counts["availableReplicas"] >= replicas - bounds_of(deployment["spec"]).unavailable:
        reason, message = "MinimumReplicasAvailable", "Deployment has minimum availability."
        return {"type": "Available", "status": "True", "reason": reason, "message": message}
    reason = "MinimumReplicasUnavailable"
    return {"type": "Available", "status": "False", "reason": reason, "message": _MINIMUM}


def _progressing(status: str, reason: str, message: str) -> dict[str, Any]:
    return {"type": "Progressing", "status": status, "reason": reason, "message": message}


def _updated(new: dict[str, Any], now: str) -> dict[str, Any]:
    return new | {"lastUpdateTime": now}
