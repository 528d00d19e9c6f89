"""Keeps as many pods of a template as a ReplicaSet asks for."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.controllers.pods import (
    available_in,
    is_active,
    is_ready,
    owner_of,
    set_condition,
)
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.resources import resource_named
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.controllers.loop import Key
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import EventRecorder, Object
    from workshop_tui.practice.cluster.writing import Writer
    from workshop_tui.practice.context import Clock

_COMPONENT = "replicaset-controller"
_FIRST_DELAY = 0.1
_LONGEST_DELAY = 30.0
"""Simulated seconds between tries to create a pod that is refused: doubled each time, up to this."""


class ReplicaSets:
    """The ReplicaSet controller."""

    def __init__(self, objects: Objects, writer: Writer, events: EventRecorder, clock: Clock) -> None:
        self._objects = objects
        self._writer = writer
        self._events = events
        self._clock = clock
        self._delays: dict[str, tuple[float, float]] = {}

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return a ReplicaSet, or the one that owns a pod."""
        metadata = object_["metadata"]
        if resource == "replicasets":
            yield metadata["namespace"], metadata["name"]
        elif resource == "pods":
            owner = owner_of(object_)
            if owner and owner["kind"] == "ReplicaSet":
                yield metadata["namespace"], owner["name"]

    def reconcile(self, key: Key) -> float | None:
        """Create or delete pods, then say how many there are."""
        namespace, name = key
        owner = self._objects.find("replicasets", namespace, name)
        if owner is None:
            return None
        retry: float | None = None
        failure: ApiError | None = None
        if "deletionTimestamp" not in owner["metadata"]:
            pods = self._pods(owner)
            missing = owner["spec"]["replicas"] - len(pods)
            if missing > 0:
                retry, failure = self._create(owner, missing)
            elif missing < 0:
                self._delete(owner, pods, -missing)
        soon = self._write_status(owner, failure, waiting=retry is not None)
        return min((each for each in (retry, soon) if each is not None), default=None)

    def _pods(self, owner: Object) -> list[Object]:
        """Return the owner's active pods, to be read only."""
        uid = owner["metadata"]["uid"]
        return [
            pod
            for pod in self._objects.view("pods", owner["metadata"]["namespace"])
            if is_active(pod) and (owner_of(pod) or {}).get("uid") == uid
        ]

    def _create(self, owner: Object, count: int) -> tuple[float | None, ApiError | None]:
        """Create pods; return when to try again and why, if one was refused. It waits its time out first."""
        uid = owner["metadata"]["uid"]
        now = self._clock.now().timestamp()
        due, delay = self._delays.get(uid, (0.0, _FIRST_DELAY))
        if now < due:
            return due - now, None
        try:
            for _ in range(count):
                self._create_one(owner)
        except ApiError as error:
            message = f"Error creating: {error.message}"
            self._events.record(
                owner, type_="Warning", reason="FailedCreate", message=message, component=_COMPONENT
            )
            wait = delay / self._clock.scale
            self._delays[uid] = (now + wait, min(delay * 2, _LONGEST_DELAY))
            return wait, error
        self._delays.pop(uid, None)
        return None, None

    def _create_one(self, owner: Object) -> None:
        template = copy.deepcopy(owner["spec"]["template"])
        metadata = owner["metadata"]
        reference = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
        shared = {
            key: template["metadata"][key] for key in ("labels", "annotations") if key in template["metadata"]
        }
        pod: Object = {
            "metadata": shared | {"generateName": f"{metadata['name']}-", "ownerReferences": [reference]},
            "spec": template["spec"],
        }
        created = self._writer.create(resource_named("pods"), metadata["namespace"], pod)
        message = f"Created pod: {created['metadata']['name']}"
        self._events.record(
            owner, type_="Normal", reason="SuccessfulCreate", message=message, component=_COMPONENT
        )

    def _delete(self, owner: Object, pods: list[Object], count: int) -> None:
        """Delete the pods that are least missed: not placed, not ready, youngest."""
        ranked = sorted(pods, key=lambda pod: pod["metadata"]["creationTimestamp"], reverse=True)
        ranked.sort(key=lambda pod: (bool(pod["spec"].get("nodeName")), is_ready(pod)))
        for pod in ranked[:count]:
            metadata = pod["metadata"]
            self._objects.delete("pods", metadata["namespace"], metadata["name"], uid=metadata["uid"])
            message = f"Deleted pod: {metadata['name']}"
            self._events.record(
                owner, type_="Normal", reason="SuccessfulDelete", message=message, component=_COMPONENT
            )

    def _write_status(self, owner: Object, failure: ApiError | None, *, waiting: bool) -> float | None:
        """Count the pods; return when one of them will have been ready long enough."""
        now = self._clock.now()
        pods = self._pods(owner)
        labels = (owner["spec"]["template"]["metadata"].get("labels") or {}).items()
        wait = owner["spec"].get("minReadySeconds", 0) / self._clock.scale
        times = [available_in(pod, wait, now) for pod in pods]
        conditions = _with_failure(owner, failure, time_text(now), waiting=waiting)
        status: dict[str, Any] = {
            "replicas": len(pods),
            "fullyLabeledReplicas": sum(labels <= pod["metadata"].get("labels", {}).items() for pod in pods),
            "readyReplicas": sum(map(is_ready, pods)),
            "availableReplicas": sum(time == 0 for time in times),
            "observedGeneration": owner["metadata"].get("generation", 1),
        }
        status = {key: value for key, value in status.items() if value or key == "replicas"}
        if conditions:
            status["conditions"] = conditions
        metadata = {key: owner["metadata"][key] for key in ("name", "namespace", "uid")}
        self._objects.update_status("replicasets", {"metadata": metadata, "status": status})
        return min((time for time in times if time), default=None)


def _with_failure(
    owner: Object, failure: ApiError | None, now: str, *, waiting: bool
) -> list[dict[str, Any]]:
    """Return the conditions: a refused pod is told of until one is created."""
    conditions = owner.get("status", {}).get("conditions", [])
    if failure is not None:
        new = {
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": failure.message,
        }
        return set_condition(conditions, new, now)
    if waiting:
        return list(conditions)
    return [each for each in conditions if each.get("type") != "ReplicaFailure"]
