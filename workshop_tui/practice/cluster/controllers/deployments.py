"""Brings the pods of a Deployment to its template, a generation of pods after the other."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.controllers.deployment_status import DeploymentStatus
from workshop_tui.practice.cluster.controllers.pods import is_active, owner_of
from workshop_tui.practice.cluster.controllers.rollout import (
    HASH_LABEL,
    Generation,
    bare_template,
    bounds_of,
    next_sizes,
    template_hash,
)
from workshop_tui.practice.cluster.resources import resource_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.controllers.loop import Key
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import EventRecorder, Object
    from workshop_tui.practice.cluster.writing import Writer
    from workshop_tui.practice.context import Clock

_COMPONENT = "deployment-controller"
REVISION = "deployment.kubernetes.io/revision"
_HISTORY = "deployment.kubernetes.io/revision-history"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_MAXIMUM = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", REVISION, _HISTORY, _DESIRED, _MAXIMUM}
)


class Deployments:
    """The Deployment controller."""

    def __init__(self, objects: Objects, writer: Writer, events: EventRecorder, clock: Clock) -> None:
        self._objects = objects
        self._writer = writer
        self._events = events
        self._status = DeploymentStatus(objects, clock)

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return a Deployment, also when its ReplicaSets or their pods change."""
        metadata = object_["metadata"]
        if resource == "deployments":
            yield metadata["namespace"], metadata["name"]
        owner = owner_of(object_)
        if resource == "replicasets" and owner:
            yield metadata["namespace"], owner["name"]
        if resource == "pods" and owner and HASH_LABEL in metadata.get("labels", {}):
            yield metadata["namespace"], owner["name"].rpartition("-")[0]

    def reconcile(self, key: Key) -> float | None:
        """Take the next step of a rollout and say how far it is."""
        namespace, name = key
        deployment = self._objects.find("deployments", namespace, name)
        if deployment is None:
            return None
        sets = self._owned(deployment)
        if "deletionTimestamp" in deployment["metadata"]:
            return None
        new = self._current(deployment, sets)
        if new is None and not deployment["spec"].get("paused"):
            new = self._create_set(deployment, sets)
        if new is not None:
            self._mark_revision(deployment, new, sets)
            self._resize(deployment, new, sets)
        sets = self._owned(deployment)
        self._forget_old(deployment, sets)
        return self._status.write(deployment, self._current(deployment, sets), sets)

    def _owned(self, deployment: Object) -> list[Object]:
        uid = deployment["metadata"]["uid"]
        namespace = deployment["metadata"]["namespace"]
        owned = [
            each
            for each in self._objects.list("replicasets", namespace)
            if (owner_of(each) or {}).get("uid") == uid
        ]
        return sorted(owned, key=_revision)

    @staticmethod
    def _current(deployment: Object, sets: list[Object]) -> Object | None:
        """Return the ReplicaSet of the template; of several, as an upgrade may leave, the oldest."""
        wanted = bare_template(deployment["spec"]["template"])
        equal = (each for each in sets if bare_template(each["spec"]["template"]) == wanted)
        return min(
            equal,
            key=lambda each: (each["metadata"]["creationTimestamp"], each["metadata"]["name"]),
            default=None,
        )

    def _create_set(self, deployment: Object, sets: list[Object]) -> Object:
        metadata, spec = deployment["metadata"], deployment["spec"]
        collisions = 0
        while self._objects.find("replicasets", metadata["namespace"], _set_name(deployment, collisions)):
            collisions += 1
        digest = template_hash(spec["template"], collisions)
        template = copy.deepcopy(spec["template"])
        template["metadata"].setdefault("labels", {})[HASH_LABEL] = digest
        selector = copy.deepcopy(spec["selector"])
        selector.setdefault("matchLabels", {})[HASH_LABEL] = digest
        reference = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
        size = self._first_size(deployment, sets)
        body: Object = {
            "metadata": {
                "name": _set_name(deployment, collisions),
                "labels": template["metadata"]["labels"],
                "annotations": _annotations(deployment),
                "ownerReferences": [reference],
            },
            "spec": {"replicas": size, "selector": selector, "template": template},
        }
        if "minReadySeconds" in spec:
            body["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        created = self._writer.create(resource_named("replicasets"), metadata["namespace"], body)
        if size:
            self._tell_scaling(deployment, created, 0, size)
        return created

    def _first_size(self, deployment: Object, sets: list[Object]) -> int:
        replicas: int = deployment["spec"]["replicas"]
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            return 0 if self._has_pods(sets) else replicas
        room = replicas + bounds_of(deployment["spec"]).surge - sum(each["spec"]["replicas"] for each in sets)
        size: int = max(0, min(replicas, room))
        return size

    def _mark_revision(self, deployment: Object, new: Object, sets: list[Object]) -> None:
        """Give the current ReplicaSet the highest revision and tell it at the Deployment."""
        others = [_revision(each) for each in sets if each["metadata"]["uid"] != new["metadata"]["uid"]]
        revision = max([0, *others]) + 1
        annotations = new["metadata"].setdefault("annotations", {})
        before = annotations.get(REVISION)
        if before is None or int(before) < revision:
            if before is not None:
                history = annotations.get(_HISTORY, "")
                annotations[_HISTORY] = f"{history},{before}" if history else before
            annotations[REVISION] = str(revision)
        annotations |= _annotations(deployment)
        self._objects.update("replicasets", _unversioned(new))
        kept = deployment["metadata"].setdefault("annotations", {})
        if kept.get(REVISION) != annotations[REVISION]:
            kept[REVISION] = annotations[REVISION]
            self._objects.update("deployments", _unversioned(deployment))

    def _resize(self, deployment: Object, new: Object, sets: list[Object]) -> None:
        spec = deployment["spec"]
        old = [each for each in sets if each["metadata"]["uid"] != new["metadata"]["uid"]]
        sizes: dict[str, int]
        if spec.get("paused"):
            total = sum(each["spec"]["replicas"] for each in sets)
            sizes = {new["metadata"]["name"]: spec["replicas"]} if total == new["spec"]["replicas"] else {}
        elif spec["strategy"]["type"] == "Recreate":
            sizes = {each["metadata"]["name"]: 0 for each in old}
            if not self._has_pods(old):
                sizes[new["metadata"]["name"]] = spec["replicas"]
        else:
            generations = [_generation(each) for each in old]
            sizes = next_sizes(spec["replicas"], bounds_of(spec), _generation(new), generations)
        for each in [new, *old]:
            size = sizes.get(each["metadata"]["name"], each["spec"]["replicas"])
            if size != each["spec"]["replicas"]:
                self._tell_scaling(deployment, each, each["spec"]["replicas"], size)
                each["spec"]["replicas"] = size
                namespace = each["metadata"]["namespace"]
                self._writer.update(resource_named("replicasets"), namespace, _unversioned(each))

    def _has_pods(self, sets: list[Object]) -> bool:
        """Return whether pods of these ReplicaSets are still there, being deleted or not."""
        owners = {each["metadata"]["uid"] for each in sets}
        namespaces = {each["metadata"]["namespace"] for each in sets}
        return any(
            (owner_of(pod) or {}).get("uid") in owners
            and (is_active(pod) or "deletionTimestamp" in pod["metadata"])
            for namespace in namespaces
            for pod in self._objects.view("pods", namespace)
        )

    def _tell_scaling(self, deployment: Object, set_: Object, before: int, after: int) -> None:
        direction = "up" if after > before else "down"
        message = f"Scaled {direction} replica set {set_['metadata']['name']} from {before} to {after}"
        self._events.record(
            deployment, type_="Normal", reason="ScalingReplicaSet", message=message, component=_COMPONENT
        )

    def _forget_old(self, deployment: Object, sets: list[Object]) -> None:
        """Delete empty ReplicaSets beyond the history that is to be kept."""
        current = self._current(deployment, sets)
        uid = current["metadata"]["uid"] if current else ""
        empty = [
            each
            for each in sets
            if each["metadata"]["uid"] != uid
            and not each["spec"]["replicas"]
            and not each.get("status", {}).get("replicas")
        ]
        surplus = len(empty) - deployment["spec"]["revisionHistoryLimit"]
        for each in empty[: max(0, surplus)]:
            metadata = each["metadata"]
            self._objects.delete("replicasets", metadata["namespace"], metadata["name"])


def _revision(set_: Object) -> int:
    return int(set_["metadata"].get("annotations", {}).get(REVISION, "0"))


def _set_name(deployment: Object, collisions: int) -> str:
    return f"{deployment['metadata']['name']}-{template_hash(deployment['spec']['template'], collisions)}"


def _annotations(deployment: Object) -> dict[str, str]:
    replicas = deployment["spec"]["replicas"]
    surge = bounds_of(deployment["spec"]).surge
    copied = {
        key: value
        for key, value in deployment["metadata"].get("annotations", {}).items()
        if key not in _NOT_COPIED
    }
    return copied | {_DESIRED: str(replicas), _MAXIMUM: str(replicas + surge)}


def _generation(set_: Object) -> Generation:
    status: dict[str, Any] = set_.get("status", {})
    return Generation(
        name=set_["metadata"]["name"],
        wanted=set_["spec"]["replicas"],
        present=status.get("replicas", 0),
        available=status.get("availableReplicas", 0),
    )


def _unversioned(object_: Object) -> Object:
    """Return the object without its version: the control loop is the only writer between two awaits."""
    metadata = {key: value for key, value in object_["metadata"].items() if key != "resourceVersion"}
    return object_ | {"metadata": metadata}
