"""Label and field selectors, as requests and objects write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workshop_tui.practice.cluster.ports import Object

_SET = re.compile(r"^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$")
_EQUALITY = re.compile(r"^\s*([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)\s*$")
_EXISTENCE = re.compile(r"^\s*(!?)\s*([^=!\s()]+)\s*$")
_COMMA_OUTSIDE_PARENTHESES = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label: `operator` is In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the labels meet it; a missing label meets NotIn, as Kubernetes has it."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels


def parse_label_selector(text: str) -> tuple[Requirement, ...]:
    """Read a `labelSelector` parameter; ApiError BadRequest when it is malformed."""
    parts = [part for part in _COMMA_OUTSIDE_PARENTHESES.split(text) if part.strip()]
    return tuple(_parse_requirement(part) for part in parts)


def _parse_requirement(part: str) -> Requirement:
    if found := _SET.match(part):
        key, operator, values = found.groups()
        wanted = frozenset(value.strip() for value in values.split(","))
        return Requirement(key, "In" if operator == "in" else "NotIn", wanted)
    if found := _EQUALITY.match(part):
        key, operator, value = found.groups()
        return Requirement(key, "NotIn" if operator == "!=" else "In", frozenset({value}))
    if found := _EXISTENCE.match(part):
        absent, key = found.groups()
        return Requirement(key, "DoesNotExist" if absent else "Exists")
    raise bad_request(
        f'unable to parse requirement: found {part.strip()!r}, expected: "=", "!=", "in" or "notin"'
    )


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
    """Say whether an object's labels meet every requirement."""
    labels = object_["metadata"].get("labels") or {}
    return all(requirement.matches(labels) for requirement in requirements)


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """One condition on a field given by its dotted path."""

    path: str
    value: str
    equal: bool = True

    def matches(self, object_: Object) -> bool:
        """Say whether the field has (or, if not `equal`, has not) the value; an absent one is empty."""
        value: Any = object_
        for step in self.path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        text = "" if value is None else str(value)
        return (text == self.value) is self.equal


def parse_field_selector(text: str) -> tuple[FieldRequirement, ...]:
    """Read a `fieldSelector` parameter; ApiError BadRequest when it is malformed."""
    requirements = []
    for part in filter(None, text.split(",")):
        found = re.match(r"^([^=!]+)(==|=|!=)(.*)$", part)
        if not found:
            raise bad_request(f'invalid selector: "{text}"; can\'t understand "{part}"')
        path, operator, value = found.groups()
        requirements.append(FieldRequirement(path, value, equal=operator != "!="))
    return tuple(requirements)


def make_filter(label_selector: str, field_selector: str) -> Callable[[Object], bool]:
    """Return the test that both selectors of a request make together."""
    labels = parse_label_selector(label_selector)
    fields = parse_field_selector(field_selector)

    def matches(object_: Object) -> bool:
        return labels_match(labels, object_) and all(field.matches(object_) for field in fields)

    return matches
