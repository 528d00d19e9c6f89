"""Label and field selectors, as requests and objects write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.label_selectors import Requirement, parse_label_selector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workshop_tui.practice.cluster.ports import Object

_NAMES = ("metadata.name", "metadata.namespace")
_FIELDS: dict[str, tuple[str, ...]] = {
    "Pod": (
        *_NAMES,
        *(f"spec.{name}" for name in ("nodeName", "restartPolicy", "schedulerName", "serviceAccountName")),
        "spec.hostNetwork",
        *(f"status.{name}" for name in ("phase", "podIP", "podIPs", "nominatedNodeName")),
    ),
    "Node": ("metadata.name", "spec.unschedulable"),
    "Namespace": ("metadata.name", "status.phase"),
    "Secret": (*_NAMES, "type"),
    "Service": (*_NAMES, "spec.clusterIP", "spec.type"),
    "ReplicaSet": (*_NAMES, "status.replicas"),
    "Event": (
        *_NAMES,
        *(f"involvedObject.{name}" for name in ("kind", "namespace", "name", "uid", "apiVersion")),
        *("involvedObject.resourceVersion", "involvedObject.fieldPath"),
        *("reason", "reportingComponent", "source", "type"),
    ),
    "EventsV1Event": (
        *_NAMES,
        *(f"regarding.{name}" for name in ("kind", "namespace", "name", "uid", "apiVersion")),
        *("regarding.resourceVersion", "regarding.fieldPath"),
        *("reason", "reportingController", "type"),
    ),
}
"""The fields one may select by; all other kinds have but their name and namespace."""


def label_selector_requirements(selector: Mapping[str, Any]) -> tuple[Requirement, ...]:
    """Turn an object's `selector` (matchLabels, matchExpressions) into requirements."""
    equal = [
        Requirement(key, "In", frozenset({value}))
        for key, value in (selector.get("matchLabels") or {}).items()
    ]
    others = [
        Requirement(item.get("key", ""), item.get("operator", ""), frozenset(item.get("values") or ()))
        for item in selector.get("matchExpressions") or ()
    ]
    return (*equal, *others)


def labels_match(requirements: tuple[Requirement, ...], object_: Object) -> bool:
    """Return whether an object's labels meet every requirement."""
    labels = object_["metadata"].get("labels") or {}
    return all(requirement.matches(labels) for requirement in requirements)


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """One condition on a field given by its dotted path."""

    path: str
    value: str
    equal: bool = True

    def matches(self, object_: Object) -> bool:
        """Return whether the field has (or, if not `equal`, has not) the value; an absent one is empty."""
        value: Any = object_
        for step in self.path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, bool):
            value = str(value).lower()
        text = "" if value is None else str(value)
        return (text == self.value) is self.equal


def parse_field_selector(text: str, type_name: str = "") -> tuple[FieldRequirement, ...]:
    """Read a `fieldSelector` parameter; ApiError BadRequest when it is malformed or the type has no such."""
    requirements = []
    for part in filter(None, text.split(",")):
        found = re.match(r"^([^=!]+)(==|=|!=)(.*)$", part)
        if not found:
            raise bad_request(f'invalid selector: "{text}"; can\'t understand "{part}"')
        path, operator, value = found.groups()
        if type_name:
            _check_field(type_name, path)
        path = "source.component" if path == "source" else path
        requirements.append(FieldRequirement(path, value, equal=operator != "!="))
    return tuple(requirements)


def _check_field(type_name: str, path: str) -> None:
    known = _FIELDS.get(type_name)
    if known is None and path not in _NAMES:
        listed = ", ".join(f'"{name}"' for name in _NAMES)
        raise bad_request(f'"{path}" is not a known field selector: only {listed}')
    if known is not None and path not in known:
        raise bad_request(f"field label not supported: {path}")


def make_filter(label_selector: str, field_selector: str, type_name: str = "") -> Callable[[Object], bool]:
    """Return the test that both selectors of a request make together; ApiError BadRequest.

    With a type's name, only the fields that may be selected by for that type are taken.
    """
    labels = parse_label_selector(label_selector)
    fields = parse_field_selector(field_selector, type_name)

    def matches(object_: Object) -> bool:
        return labels_match(labels, object_) and all(field.matches(object_) for field in fields)

    return matches
