"""Strategic merge patch: merging by the meaning of a list, with its directives.

Behaviour after k8s.io/apimachinery/pkg/util/strategicpatch, which `kubectl patch --local` runs.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.merge_keys import MERGE_KEYS, PRIMITIVE_SETS
from workshop_tui.practice.cluster.schema import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.cluster.ports import Json

Map = dict[str, Any]

_ORDER = "$setElementOrder/"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_RETAIN = "$retainKeys"
_DIRECTIVE = "$patch"


class PatchError(ValueError):
    """A patch that can't be applied; the text is for the client."""


def strategic_merge(original: Map, patch: Map, type_name: str | None) -> Map:
    """Return `original`, an object of the named type, changed by `patch`; neither is touched."""
    return _merge_maps(copy.deepcopy(original), copy.deepcopy(patch), type_name)


def _merge_maps(original: Map, patch: Map, type_name: str | None) -> Map:
    directive = patch.pop(_DIRECTIVE, None)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"Unknown value of $patch directive: {directive}")
    result = _retained(original, patch.pop(_RETAIN, None))
    orders = _take(patch, _ORDER)
    removals = _take(patch, _DELETE_PRIMITIVES)
    for name, values in removals.items():
        if isinstance(result.get(name), list):
            result[name] = [item for item in result[name] if item not in values]
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge_value(result.get(name), value, type_name, name, orders.pop(name, None))
    for name, order in orders.items():
        if isinstance(result.get(name), list):
            result[name] = _merge_value(result[name], [], type_name, name, order)
    return result


def _retained(original: Map, keys: list[str] | None) -> Map:
    return original if keys is None else {name: original[name] for name in original if name in keys}


def _take(patch: Map, prefix: str) -> dict[str, list[Any]]:
    """Remove and return the directives of one sort, by the field they are about."""
    names = [name for name in patch if name.startswith(prefix)]
    return {name.removeprefix(prefix): patch.pop(name) for name in names}


def _merge_value(current: Json, value: Json, owner: str | None, name: str, order: list[Any] | None) -> Json:
    field = fields_of(owner).get(name) if owner else None
    element = field.element if field and field.is_struct else None
    if isinstance(value, dict):
        return _merge_maps(current if isinstance(current, dict) else {}, value, element)
    if not isinstance(value, list):
        return value
    key = MERGE_KEYS.get((owner or "", name))
    if key:
        return _merge_list(current or [], value, key, element, order)
    if (owner, name) in PRIMITIVE_SETS:
        return _merge_set(current or [], value, order)
    return value


def _merge_set(current: list[Any], patch: list[Any], order: list[Any] | None) -> list[Any]:
    merged = [*current, *(item for item in patch if item not in current)]
    return merged if order is None else _in_order(merged, current, order, lambda item: item)


def _merge_list(
    current: list[Map], patch: list[Any], key: str, element: str | None, order: list[Map] | None
) -> list[Map]:
    if any(isinstance(item, dict) and item.get(_DIRECTIVE) == "replace" for item in patch):
        return [item for item in patch if item.get(_DIRECTIVE) != "replace"]
    deleted, changes = _split(patch, key)
    if order is not None:
        _check_order(changes, key, order)
    kept = [item for item in current if _identity(item, key) not in deleted]
    by_key = {_identity(item, key): item for item in kept}
    fresh = []
    for item in changes:
        known = by_key.get(item[key])
        if known is None:
            added = _merge_maps({}, item, element)
            by_key[item[key]] = added
            fresh.append(added)
        else:
            merged = _merge_maps(known, item, element)
            kept[kept.index(known)] = merged
            by_key[item[key]] = merged
    wanted = [_identity(item, key) for item in (changes if order is None else order)]
    return _in_order([*kept, *fresh], kept, wanted, lambda item: item[key])


def _identity(item: Json, key: str) -> Json:
    if not isinstance(item, dict) or key not in item:
        raise PatchError(f"map: {_go_map(item)} does not contain declared merge key: {key}")
    if isinstance(item[key], dict | list) or item[key] is None:
        raise PatchError(f"map: {_go_map(item)} has no plain value for merge key: {key}")
    return item[key]


def _go_map(item: Json) -> str:
    if not isinstance(item, dict):
        return str(item)
    return f"map[{' '.join(f'{name}:{_go_map(item[name])}' for name in sorted(item))}]"


def _split(patch: list[Any], key: str) -> tuple[set[Any], list[Map]]:
    """Return the keys of the items to delete and the items to merge."""
    deleted, changes = set(), []
    for item in patch:
        identity = _identity(item, key)
        if item.get(_DIRECTIVE) == "delete":
            deleted.add(identity)
        else:
            changes.append(item)
    return deleted, changes


def _check_order(changes: list[Map], key: str, order: list[Map]) -> None:
    wanted = [_identity(item, key) for item in order]
    positions = [wanted.index(item[key]) if item[key] in wanted else -1 for item in changes]
    if -1 in positions or positions != sorted(positions):
        raise PatchError(
            f"The order in patch list:\n{_go_list(changes)}\n"
            f" doesn't match $setElementOrder list:\n{_go_list(order)}\n"
        )


def _go_list(items: list[Map]) -> str:
    return f"[{' '.join(_go_map(item) for item in items)}]"


def _in_order(
    items: list[Any], server: list[Any], wanted: list[Any], identify: Callable[[Json], Json]
) -> list[Any]:
    """Put listed items in the listed order; the others stay where they were relative to their neighbours."""
    listed = [item for identity in wanted for item in items if identify(item) == identity]
    others = [item for item in items if identify(item) not in wanted]
    position = {identify(item): index for index, item in enumerate(server)}
    merged: list[Any] = []
    while listed and others:
        first, second = listed[0], others[0]
        here = position.get(identify(first))
        there = position.get(identify(second))
        if here is not None and there is not None and there < here:
            merged.append(others.pop(0))
        else:
            merged.append(listed.pop(0))
    return [*merged, *listed, *others]
