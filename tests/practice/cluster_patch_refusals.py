"""Patches that the practice cluster refuses, as data: see cluster_refusals.py."""

from __future__ import annotations

from typing import Any

from cluster_refusals import APPLY, DEPLOYMENTS, JSON_PATCH, MAPS, PODS, STRATEGIC, Refused, containers

_ORDER = "$setElementOrder/containers"


def _patched(status: int, code: str, words: str, patch: Any, path: str = f"{DEPLOYMENTS}/known") -> Refused:
    return Refused(status, code, words, "PATCH", path, patch, STRATEGIC)


def _ordered(order: Any, *items: Any) -> dict[str, Any]:
    return containers(*items, **{_ORDER: order})


def _applied(status: int, code: str, words: str, content: Any) -> Refused:
    object_ = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}} | content
    return Refused(status, code, words, "PATCH", f"{MAPS}/applied", object_, APPLY, {"fieldManager": "me"})


PATCHES = (
    _applied(500, "", "failed to create typed patch object", {"dat": {}}),
    _applied(
        400,
        "BadRequest",
        "metadata.managedFields must be nil",
        {"metadata": {"name": "applied", "managedFields": []}},
    ),
    _patched(422, "Invalid", '"" is invalid: patch', {"spec": {"replicas": "two"}}),
    _patched(500, "", "doesn't match $setElementOrder list", _ordered([{"name": "b"}], {"name": "a"})),
    _patched(500, "", "unknown patch type", {"spec": {"template": {"$patch": "nope"}}}),
    _patched(500, "", "does not contain declared merge key", containers({"image": "x"})),
    _patched(500, "", "is no plain value for a merge key", containers({"name": {}})),
    _patched(500, "", "merging lists cannot yet", containers({"name": "app", "$patch": "merge"})),
    _patched(
        500,
        "",
        "no elements in any of the given slices",
        containers({"name": "app", "env": [], "$setElementOrder/env": []}),
    ),
    _patched(500, "", "list element types are not identical", containers("x")),
    _patched(500, "", "expected a []interface {}", _ordered("x")),
    _patched(500, "", "expected a map[string]interface {}", _ordered(["x"], {"name": "app"})),
    _patched(500, "", "for key {} is not a map", {"spec": {"template": {"spec": {_ORDER: ["x"]}}}}),
    _patched(500, "", "unable to find api field in struct", {"spec": {"$setElementOrder/nothing": [1]}}),
    _patched(
        500,
        "",
        "cannot merge lists without merge key",
        {"spec": {"$deleteFromPrimitiveList/tolerations": [{"key": "x"}]}},
        f"{PODS}/two",
    ),
    _patched(
        400,
        "BadRequest",
        "invalid patch format of retainKeys",
        {"spec": {"strategy": {"$retainKeys": [], "type": "Recreate"}}},
    ),
    _patched(
        400,
        "BadRequest",
        "invalid patch format of primitive list",
        {"metadata": {"$deleteFromPrimitiveList": ["x"]}},
    ),
    Refused(
        422,
        "Invalid",
        "the server rejected our request",
        "PATCH",
        f"{MAPS}/known",
        [{"op": "remove", "path": "/nowhere"}],
        JSON_PATCH,
    ),
)
"""Strategic merge patches in the words of k8s.io/apimachinery, and a JSON patch that does not fit."""
