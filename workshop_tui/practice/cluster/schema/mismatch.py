"""A value of the wrong JSON type, in the words of the Go code that reads it.

Whole objects and the results of JSON and merge patches are read by a JSON decoder; the result of a strategic
merge patch by apimachinery's converter from unstructured data (pkg/runtime/converter.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from workshop_tui.practice.cluster.schema import LONG_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.cluster.ports import Json
    from workshop_tui.practice.cluster.schema import FieldType

    Words: TypeAlias = "Callable[[Json, str, str], str]"
    """Takes a value, its place (`DeploymentSpec.spec.replicas`, "" when there is none) and the Go type."""

_GO_NAMES = {"time": "v1.Time", "bytes": "[]uint8", "quantity": "resource.Quantity"}
_BY_JSON = frozenset({"v1.Time", "[]uint8", "resource.Quantity"})
_CONVERTIBLE = {("int64", "string"), ("float64", "int32"), ("float64", "int64")}


class TypeMismatchError(ValueError):
    """A value that a field can't have; the text is for the client."""


def go_type(field: FieldType, name: str) -> str:
    """Return the Go type of a field of that name."""
    if field.element == "int":
        element = "int64" if name in LONG_FIELDS else "int32"
    else:
        element = f"v1.{field.element}" if field.is_struct else _GO_NAMES.get(field.element, field.element)
    return {"list": f"[]{element}", "map": f"map[string]{element}", "one": element}[field.shape]


def json_words(value: Json, place: str, expected: str) -> str:
    """Say it as Go's JSON decoder does."""
    match value:
        case bool():
            found = "bool"
        case int():
            found = "number"
        case float():
            found = f"number {value}"
        case str():
            found = "string"
        case list():
            found = "array"
        case _:
            found = "object"
    where = f"Go struct field {place}" if place else "Go value"
    return f"json: cannot unmarshal {found} into {where} of type {expected}"


def converter_words(value: Json, place: str, expected: str) -> str:
    """Say it as the converter from unstructured data does."""
    kind = _kind(value)
    if expected in _BY_JSON or not place:
        return json_words(value, "", expected)
    if expected.startswith("v1."):
        return f"cannot restore struct from: {kind}"
    if expected.startswith("[]"):
        return f"cannot restore slice from {kind}"
    if expected.startswith("map["):
        return f"cannot restore map from {kind}"
    if (kind, expected) in _CONVERTIBLE:
        return f"cannot convert {kind} to {expected}"
    return f"unrecognized type: {expected}"


def _kind(value: Json) -> str:
    kinds = {bool: "bool", int: "int64", float: "float64", str: "string", list: "slice"}
    return kinds.get(type(value), "map")
