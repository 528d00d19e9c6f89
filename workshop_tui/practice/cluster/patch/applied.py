"""What an applied object must be: fields of its kind, of their types, list items told apart by their keys.

In the words of typed/validate.go of sigs.k8s.io/structured-merge-diff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.patch.field_sets import omits_keys
from workshop_tui.practice.cluster.patch.refused import go_text
from workshop_tui.practice.cluster.patch.shapes import shape_of, shown, step_of
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.schema import FieldType, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.patch.shapes import Path
    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.resources import Resource

_GO_KINDS = {str: "string", bool: "bool", int: "int64", float: "float64"}


def check_applied(resource: Resource, applied: Object) -> None:
    """Refuse an applied object that is none of the kind: ApiError with status 500, as the API server."""
    faults = list(_struct_faults(applied, resource.kind, ()))
    if not faults:
        return
    metadata = applied["metadata"]
    place = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
    subject = f"{place}; {resource.api_version}, Kind={resource.kind}"
    listed = faults[0] if len(faults) == 1 else "\n".join(["errors:", *(f"  {each}" for each in faults)])
    raise ApiError(500, "", f"failed to create typed patch object ({subject}): {listed}")


def _struct_faults(value: Json, type_name: str, path: Path) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, dict):
        yield f"{shown(path)}: expected map, got {go_text(value)}"
        return
    fields = fields_of(type_name)
    for name, item in value.items():
        here = (*path, f"f:{name}")
        field = fields.get(name)
        if field is None:
            yield f"{shown(here)}: field not declared in schema"
        else:
            yield from _field_faults(item, field, type_name, here)


def _field_faults(value: Json, field: FieldType, owner: str, path: Path) -> Iterator[str]:
    if value is None or field.element == "any":
        return
    if field.shape == "one":
        yield from _faults(value, field.element, path)
    elif field.shape == "map":
        if not isinstance(value, dict):
            yield f"{shown(path)}: expected map, got {go_text(value)}"
            return
        for name, item in value.items():
            yield from _faults(item, field.element, (*path, f"f:{name}"))
    elif not isinstance(value, list):
        yield f"{shown(path)}: expected list, got {go_text(value)}"
    else:
        yield from _item_faults(value, field.element, owner, path)


def _item_faults(items: list[Json], element: str, owner: str, path: Path) -> Iterator[str]:
    shape = shape_of(owner).field(path[-1].removeprefix("f:"))
    seen: set[str] = set()
    for index, item in enumerate(items):
        step = f"[{index}]"
        if shape is not None and shape.kind in {"items", "set"}:
            if shape.kind == "items" and not isinstance(item, dict):
                why = "associative list with keys may not have non-map elements"
                yield f"{shown(path)}: element {index}: {why}"
                return
            try:
                step = step_of(shape, item)
            except KeyError:
                yield f"{shown(path)}: element {index}: {omits_keys(shape)}"
                return
            if step in seen:
                yield f"{shown(path)}: duplicate entries for key {shown((step,))}"
            seen.add(step)
        yield from _faults(item, element, (*path, step))


def _faults(value: Json, element: str, path: Path) -> Iterator[str]:
    if value is None:
        return
    match element:
        case "int":
            if isinstance(value, bool) or not isinstance(value, int | float):
                found = _GO_KINDS.get(type(value)) or ("list" if isinstance(value, list) else "map")
                yield f"{shown(path)}: expected numeric (int or float), got {found}"
        case "bool":
            if not isinstance(value, bool):
                yield f"{shown(path)}: expected boolean, got {go_text(value)}"
        case "string" | "time" | "bytes":
            if not isinstance(value, str):
                found = f"&value.valueUnstructured{{Value:{go_text(value)}}}"
                yield f"{shown(path)}: expected string, got {found}"
        case "quantity" | "int-or-string" | "any":
            pass
        case _:
            yield from _struct_faults(value, element, path)
