"""What server-side apply makes of a field: how far down it has owners of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from workshop_tui.practice.cluster.patch.merge_keys import (
    APPLY_ATOMIC,
    APPLY_KEYS,
    APPLY_SETS,
    ATOMIC_MAPS,
    ATOMIC_TYPES,
    MERGE_KEYS,
    PRIMITIVE_SETS,
)
from workshop_tui.practice.cluster.schema import SCALARS, fields_of

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json

Path = tuple[str, ...]
"""A field's place, in the steps of FieldsV1: `f:name` for a field, `k:{…}` and `v:…` for items of lists."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value is owned: as a whole (a leaf), or by its fields, keys or items, which have a shape too.

    `type_name` is the type of a struct; `keys` tell the items of a list apart.
    """

    kind: Literal["leaf", "struct", "map", "items", "set"]
    type_name: str = ""
    keys: tuple[str, ...] = ()

    def field(self, name: str) -> Shape | None:
        """Return the shape of a field of a struct or of a key of a map; None when there is no such field."""
        return _field(self.type_name, name) if self.kind == "struct" else _of_type(self.type_name)

    @property
    def item(self) -> Shape:
        """The shape of an item of a list."""
        return _of_type(self.type_name)


LEAF = Shape("leaf")


def shape_of(kind: str) -> Shape:
    """Return the shape of the objects of a kind."""
    return Shape("struct", kind)


def _of_type(name: str) -> Shape:
    return LEAF if name in SCALARS or name in ATOMIC_TYPES else Shape("struct", name)


@cache
def _field(owner: str, name: str) -> Shape | None:
    field = fields_of(owner).get(name)
    if field is None:
        return None
    if (owner, name) == ("ObjectMeta", "managedFields"):
        return LEAF
    match field.shape:
        case "one":
            return _of_type(field.element)
        case "map":
            return LEAF if (owner, name) in ATOMIC_MAPS else Shape("map", field.element)
        case _:
            return _list(owner, name, field.element)


def _list(owner: str, name: str, element: str) -> Shape:
    place = (owner, name)
    if place in PRIMITIVE_SETS or place in APPLY_SETS:
        return Shape("set", element)
    keys = APPLY_KEYS.get(place) or ((MERGE_KEYS[place],) if place in MERGE_KEYS else ())
    return Shape("items", element, keys) if keys and place not in APPLY_ATOMIC else LEAF


def step_of(shape: Shape, item: Json) -> str:
    """Return the step to an item of a list of items or of a set; KeyError when it has none of its keys."""
    if shape.kind == "set":
        return f"v:{_compact(item)}"
    values = {}
    for key in sorted(shape.keys):
        if key in item:
            values[key] = item[key]
        elif key == "protocol":
            values[key] = "TCP"
    if not values:
        raise KeyError(shape.keys)
    return f"k:{_compact(values)}"


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def shown(path: Path) -> str:
    """Return a path as messages show it: `.spec.containers[name="app"].image`."""
    text = ""
    for step in path:
        if step.startswith("k:"):
            keys = ",".join(f"{key}={_compact(value)}" for key, value in json.loads(step[2:]).items())
            text += f"[{keys}]"
        elif step.startswith("["):
            text += step
        elif step.startswith("v:"):
            text += f"[={step[2:]}]"
        else:
            text += f".{step[2:]}"
    return text


def in_set_order(paths: set[Path]) -> list[Path]:
    """Return paths in the order in which Go walks a set: at each place its members before what is below."""
    return sorted(
        paths,
        key=lambda path: [(index + 1 < len(path), step) for index, step in enumerate(path)],
    )


def pack(paths: set[Path]) -> dict[str, Any]:
    """Return paths as FieldsV1: nested objects, `.` for a place that is a member and has some below."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        node["."] = {}
    return _trimmed(tree)


def _trimmed(tree: dict[str, Any]) -> dict[str, Any]:
    """Leave out the `.` of a place that has nothing else."""
    return {step: {} if below == {".": {}} else _trimmed(below) for step, below in tree.items()}


def unpack(tree: dict[str, Any], prefix: Path = ()) -> set[Path]:
    """Return the paths of FieldsV1."""
    paths: set[Path] = set()
    for step, below in tree.items():
        if step == ".":
            paths.add(prefix)
        elif below:
            paths |= unpack(below, (*prefix, step))
        else:
            paths.add((*prefix, step))
    return paths
