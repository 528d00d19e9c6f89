"""Server-side apply: who set which field, kept in managedFields; what a manager no longer sets goes.

Only managers that apply are kept track of: fields that others wrote belong to nobody and are overwritten.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.merge_keys import APPLY_KEYS, MERGE_KEYS, PRIMITIVE_SETS
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.schema import fields_of
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.resources import Resource

Path = tuple[str, ...]
"""A field's place, in the steps of FieldsV1: `f:name` for a field, `k:{…}` for an item told by its keys."""

_IDENTITY = ("apiVersion", "kind")
_IDENTITY_METADATA = ("name", "namespace", "managedFields", "resourceVersion", "uid")


@dataclass(frozen=True, slots=True)
class Applied:
    """Who applies, when, to which part; with `force` it takes over what others have set."""

    manager: str
    force: bool
    moment: datetime
    subresource: str = ""


def server_side_apply(resource: Resource, current: Object | None, wanted: Object, applied: Applied) -> Object:
    """Return the object after the apply; ApiError Conflict when another manager has set a field otherwise."""
    base = copy.deepcopy(current) if current else {"metadata": {}}
    entries: list[dict[str, Any]] = base["metadata"].pop("managedFields", [])
    wanted["metadata"].pop("managedFields", None)
    fields = set(_leaves(_without_identity(wanted), resource.kind))
    owned = {entry["manager"]: _unpack(entry["fieldsV1"]) for entry in entries}
    _check_conflicts(resource, base, wanted, fields, owned, applied)
    before = owned.get(applied.manager, set())
    others = set().union(*(paths for name, paths in owned.items() if name != applied.manager))
    result = _merge(base, wanted, resource.kind)
    for path in sorted(before - fields - others, key=len, reverse=True):
        _remove(result, path, resource.kind)
    kept = [
        entry | {"fieldsV1": _pack(owned[entry["manager"]] - (fields if applied.force else set()))}
        for entry in entries
        if entry["manager"] != applied.manager
    ]
    mine = {
        "manager": applied.manager,
        "operation": "Apply",
        "apiVersion": resource.api_version,
        "time": time_text(applied.moment),
        "fieldsType": "FieldsV1",
        "fieldsV1": _pack(fields),
    }
    unchanged = next((entry for entry in entries if entry["manager"] == applied.manager), None)
    if unchanged and unchanged["fieldsV1"] == mine["fieldsV1"]:
        mine["time"] = unchanged["time"]
    result["metadata"]["managedFields"] = [*kept, mine]
    return result


def _without_identity(object_: Object) -> Object:
    rest = {key: value for key, value in object_.items() if key not in _IDENTITY}
    metadata = {key: value for key, value in object_["metadata"].items() if key not in _IDENTITY_METADATA}
    return rest | {"metadata": metadata} if metadata else _without(rest, "metadata")


def _without(object_: Object, field: str) -> Object:
    return {key: value for key, value in object_.items() if key != field}


def _keys(owner: str, name: str) -> tuple[str, ...] | None:
    keys = APPLY_KEYS.get((owner, name))
    if keys:
        return keys
    key = MERGE_KEYS.get((owner, name))
    return (key,) if key else None


def _item_step(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    values = {key: item.get(key, "TCP" if key == "protocol" else None) for key in keys}
    return "k:" + json.dumps(values, separators=(",", ":"), sort_keys=True)


def _element(owner: str | None, name: str) -> str | None:
    field = fields_of(owner).get(name) if owner else None
    return field.element if field and field.is_struct else None


def _leaves(object_: dict[str, Any], type_name: str | None, prefix: Path = ()) -> Iterator[Path]:
    """Yield the path of every field that is set, and of every keyed item."""
    for name, value in object_.items():
        here = (*prefix, f"f:{name}")
        keys = _keys(type_name or "", name)
        element = _element(type_name, name)
        if keys and isinstance(value, list):
            for item in value:
                place = (*here, _item_step(item, keys))
                yield place
                yield from _leaves(item, element, place)
        elif isinstance(value, dict) and value:
            yield from _leaves(value, element, here)
        elif (type_name, name) in PRIMITIVE_SETS and isinstance(value, list):
            yield from ((*here, f"v:{json.dumps(item)}") for item in value)
        else:
            yield here


def _merge(base: dict[str, Any], wanted: dict[str, Any], type_name: str | None) -> dict[str, Any]:
    result = dict(base)
    for name, value in wanted.items():
        keys = _keys(type_name or "", name)
        element = _element(type_name, name)
        if keys and isinstance(value, list):
            result[name] = _merge_items(result.get(name, []), value, keys, element)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = _merge(result[name], value, element)
        elif (type_name, name) in PRIMITIVE_SETS:
            result[name] = list(dict.fromkeys([*result.get(name, []), *value]))
        else:
            result[name] = copy.deepcopy(value)
    return result


def _merge_items(
    base: list[dict[str, Any]], wanted: list[dict[str, Any]], keys: tuple[str, ...], element: str | None
) -> list[dict[str, Any]]:
    merged = {_item_step(item, keys): item for item in base}
    for item in wanted:
        step = _item_step(item, keys)
        merged[step] = _merge(merged.get(step, {}), item, element)
    return list(merged.values())


def _find(object_: Json, path: Path, type_name: str | None) -> Json:
    """Return the value at a path, None where there is none."""
    here, owner, name = object_, type_name, ""
    for step in path:
        if here is None:
            return None
        if step.startswith("f:"):
            name = step[2:]
            owner_before, owner = owner, _element(owner, name)
            here = here.get(name) if isinstance(here, dict) else None
            keys = _keys(owner_before or "", name)
        elif step.startswith("k:"):
            here = next((item for item in here if _item_step(item, keys or ()) == step), None)
        else:
            wanted = json.loads(step[2:])
            here = wanted if wanted in here else None
    return here


def _remove(object_: dict[str, Any], path: Path, type_name: str) -> None:
    """Remove the field or item at a path, if it is there."""
    parent = _find(object_, path[:-1], type_name)
    last = path[-1]
    if isinstance(parent, dict) and last.startswith("f:"):
        parent.pop(last[2:], None)
    elif isinstance(parent, list):
        target = _find(object_, path, type_name)
        if target in parent:
            parent.remove(target)


def _check_conflicts(  # noqa: PLR0917 - what is, what is wanted, and by whom
    resource: Resource,
    base: Object,
    wanted: Object,
    fields: set[Path],
    owned: dict[str, set[Path]],
    applied: Applied,
) -> None:
    if applied.force:
        return
    found = [
        (manager, path)
        for manager, paths in sorted(owned.items())
        if manager != applied.manager
        for path in sorted(paths & fields)
        if _find(base, path, resource.kind) != _find(wanted, path, resource.kind)
        and not path[-1].startswith("k:")
    ]
    if not found:
        return
    texts = [f'conflict with "{manager}": {_shown(path)}' for manager, path in found]
    many = "s" if len(found) > 1 else ""
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": _shown(path)}
        for manager, path in found
    ]
    message = f"Apply failed with {len(found)} conflict{many}: {', '.join(texts)}"
    raise ApiError(409, "Conflict", message, details={"causes": causes})


def _shown(path: Path) -> str:
    text = ""
    for step in path:
        if step.startswith("k:"):
            keys = ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(step[2:]).items())
            text += f"[{keys}]"
        else:
            text += f".{step[2:]}"
    return text


def _pack(paths: set[Path]) -> dict[str, Any]:
    """Return the paths as FieldsV1: nested objects, `.` for an item itself."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        if path[-1].startswith("k:"):
            node["."] = {}
    return tree


def _unpack(tree: dict[str, Any], prefix: Path = ()) -> set[Path]:
    paths: set[Path] = set()
    for step, below in tree.items():
        if step == ".":
            paths.add(prefix)
        elif below:
            paths |= _unpack(below, (*prefix, step))
        else:
            paths.add((*prefix, step))
    return paths
