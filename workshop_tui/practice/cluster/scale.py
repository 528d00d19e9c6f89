"""The scale subresource: how many replicas, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import bad_request

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

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


def scaled(object_: Object, scale: Object) -> Object:
    """Return the object with the Scale's number of replicas; ApiError BadRequest when it names none."""
    replicas = scale.get("spec", {}).get("replicas", 0)
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise bad_request(
            'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into '
            "Go struct field ScaleSpec.spec.replicas of type int32"
        )
    changed = object_ | {"spec": object_["spec"] | {"replicas": replicas}}
    version = scale.get("metadata", {}).get("resourceVersion")
    if version:
        changed["metadata"] = object_["metadata"] | {"resourceVersion": version}
    return changed
