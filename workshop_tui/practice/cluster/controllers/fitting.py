"""Whether a pod fits a node, in the scheduler's order and words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from workshop_tui.practice.cluster.ports import Object

_ENDED = ("Succeeded", "Failed")
_RESOURCES = ("cpu", "memory")
_UNHELPFUL = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
_NO_VICTIMS = "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
_UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def why_not(pod: Object, node: Object, pods: Sequence[Object]) -> str:
    """Return why the pod can't run on the one node, in the scheduler's words; empty when it can."""
    spec = pod["spec"]
    obstacle = _closed(spec, node["spec"]) or _mismatch(spec, node["metadata"].get("labels", {}))
    if obstacle:
        return f"0/1 nodes are available: {obstacle}. {_UNHELPFUL}"
    lacking = _lacking(pod, node, pods)
    return f"0/1 nodes are available: {', '.join(lacking)}. {_NO_VICTIMS}" if lacking else ""


def _closed(spec: Object, node: Object) -> str:
    """Return what keeps this pod, among others, from the node."""
    tolerations = spec.get("tolerations", [])
    if node.get("unschedulable") and not _is_tolerated(_UNSCHEDULABLE, tolerations):
        return "1 node(s) were unschedulable"
    for taint in node.get("taints") or []:
        if taint["effect"] in ("NoSchedule", "NoExecute") and not _is_tolerated(taint, tolerations):
            return f"1 node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"
    return ""


def _is_tolerated(taint: Mapping[str, Any], tolerations: Sequence[Mapping[str, Any]]) -> bool:
    for each in tolerations:
        effect, key = each.get("effect"), each.get("key")
        if (effect and effect != taint["effect"]) or (key and key != taint["key"]):
            continue
        exists = each.get("operator", "Equal") == "Exists"
        if exists or (key and each.get("value", "") == taint.get("value", "")):
            return True
    return False


def _mismatch(spec: Object, labels: Mapping[str, str]) -> str:
    chosen = spec.get("nodeSelector", {}).items() <= labels.items()
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    terms = None if required is None else required.get("nodeSelectorTerms", [])
    if chosen and (terms is None or any(_matches(term, labels) for term in terms)):
        return ""
    return "1 node(s) didn't match Pod's node affinity/selector"


def _matches(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether the node's labels meet every expression of a term; an empty term matches nothing."""
    expressions = term.get("matchExpressions") or []
    return bool(expressions) and all(_meets(each, labels.get(each["key"])) for each in expressions)


def _meets(expression: Mapping[str, Any], value: str | None) -> bool:
    values = expression.get("values", [])
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case operator:
            if value is None or not value.lstrip("-").isdecimal() or len(values) != 1:
                return False
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])


def _lacking(pod: Object, node: Object, pods: Sequence[Object]) -> list[str]:
    """Return what the node has too little of beside the pods that are on it."""
    name, room = node["metadata"]["name"], node["status"]["allocatable"]
    placed = [
        each
        for each in pods
        if each["spec"].get("nodeName") == name and each.get("status", {}).get("phase") not in _ENDED
    ]
    lacking = ["1 Too many pods"] if len(placed) >= int(room["pods"]) else []
    for resource in _RESOURCES:
        wanted = requested(pod, resource)
        used = sum((requested(each, resource) for each in placed), parse_quantity("0"))
        if wanted and wanted + used > parse_quantity(room[resource]):
            lacking.append(f"1 Insufficient {resource}")
    return lacking


def requested(pod: Object, resource: str) -> Decimal:
    """Return what a pod asks for: its containers and sidecars together, or its greediest init container."""

    def of(container: Object) -> Decimal:
        return parse_quantity(container.get("resources", {}).get("requests", {}).get(resource, "0"))

    inits = pod["spec"].get("initContainers", [])
    sidecars = [each for each in inits if each.get("restartPolicy") == "Always"]
    together = sum(
        (of(each) for each in [*pod["spec"].get("containers", []), *sidecars]), parse_quantity("0")
    )
    return max([together, *(of(each) for each in inits)])
