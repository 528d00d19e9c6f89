"""The scale subresource: how many replicas, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.schema.decode import decode

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.resources import Resource

_SHARED = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(object_: Object) -> Object:
    """Return the Scale of a Deployment or ReplicaSet."""
    metadata = {key: object_["metadata"][key] for key in _SHARED if key in object_["metadata"]}
    labels = object_["spec"].get("selector", {}).get("matchLabels", {})
    status = {"replicas": object_.get("status", {}).get("replicas", 0)}
    status["selector"] = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {"replicas": object_["spec"].get("replicas", 1)},
        "status": status,
    }


def scaled(resource: Resource, object_: Object, scale: Object) -> Object:
    """Return the object with the Scale's number of replicas; ApiError BadRequest when it is malformed."""
    read = decode(resource, "Scale", scale, strict=False)
    replicas = read.get("spec", {}).get("replicas", 0)
    changed = object_ | {"spec": object_["spec"] | {"replicas": replicas}}
    version = read.get("metadata", {}).get("resourceVersion")
    if version:
        changed["metadata"] = object_["metadata"] | {"resourceVersion": version}
    return changed
