"""Which fields the served kinds have, and of which type: the names of the public Kubernetes API, as data.

`fields.txt` has a line per type: its name, then its fields as `name` (a string) or `name:type`. `[T]`
is a list of T, `{T}` a map from string to T; `any` is not looked into. Listed from the models of the
`kubernetes` package.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

LONG_FIELDS = frozenset(
    {"terminationGracePeriodSeconds", "activeDeadlineSeconds", "expirationSeconds", "runAsUser", "runAsGroup"}
    | {"fsGroup", "observedGeneration", "generation", "deletionGracePeriodSeconds", "tolerationSeconds"}
)
"""The whole numbers that are int64; all others are int32."""
SCALARS = frozenset({"string", "int", "bool", "time", "bytes", "quantity", "int-or-string", "any"})


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of a field: `shape` one, list or map; `element` a scalar's or a type's name."""

    shape: Literal["one", "list", "map"]
    element: str

    @property
    def is_struct(self) -> bool:
        """Whether its elements are objects with fields of their own."""
        return self.element not in SCALARS


@cache
def _types() -> dict[str, dict[str, FieldType]]:
    text = (Path(__file__).parent / "fields.txt").read_text(encoding="utf-8")
    types = {}
    for line in text.splitlines():
        name, _, fields = line.partition(":")
        types[name] = dict(_parse_field(field) for field in fields.split())
    return types


def _parse_field(text: str) -> tuple[str, FieldType]:
    name, _, type_ = text.partition(":")
    match type_[:1]:
        case "[":
            return name, FieldType("list", type_[1:-1])
        case "{":
            return name, FieldType("map", type_[1:-1])
        case _:
            return name, FieldType("one", type_ or "string")


def type_names() -> tuple[str, ...]:
    """Return the names of all types, in the order of the alphabet."""
    return tuple(_types())


def fields_of(type_name: str) -> dict[str, FieldType]:
    """Return the fields of a type; KeyError when the type is not known."""
    return _types()[type_name]
