"""Strategic merge patch: merging by the meaning of a list, with its directives.

Behaviour after k8s.io/apimachinery/pkg/util/strategicpatch, which `kubectl patch --local` runs; the order of
lists follows it too (see `ordering.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.ordering import (
    Server,
    check_order,
    find,
    in_order,
    key_of,
    partition,
    same,
)
from workshop_tui.practice.cluster.patch.refused import (
    MalformedPatchError,
    PatchError,
    UnprocessablePatchError,
    go_text,
    go_type,
)
from workshop_tui.practice.cluster.patch.tags import Meaning, meaning_of

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json

Map = dict[str, Any]

_ORDER = "$setElementOrder/"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_RETAIN = "$retainKeys"
_DIRECTIVE = "$patch"
_GONE = object()


def strategic_merge(original: Map, patch: Map, type_name: str | None) -> Map:
    """Return `original`, an object of the named type, changed by `patch`; PatchError; neither is touched."""
    return _merge_maps(_copied(original), _copied(patch), type_name)


def _copied(value: Json) -> Json:
    """Copy JSON so that no part of it is shared: merging changes maps in place."""
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _merge_maps(original: Map, patch: Map, type_name: str | None) -> Map:
    """Merge `patch` into `original`, in place where it can be: lists keep the identity of their items."""
    if _DIRECTIVE in patch:
        return _directed(patch)
    _retain(original, patch)
    for name in [name for name in patch if name.startswith(_ORDER)]:
        _merge_ordered(original, patch, name, type_name)
    for name, value in patch.items():
        _merge_field(original, name, value, type_name)
    return original


def _directed(patch: Map) -> Map:
    """Return what a map with a directive of its own stands for."""
    directive = patch[_DIRECTIVE]
    if directive == "replace":
        return {name: value for name, value in patch.items() if name != _DIRECTIVE}
    if directive == "delete":
        return {}
    raise _unknown_directive(directive, patch)


def _unknown_directive(directive: Json, patch: Map) -> PatchError:
    return PatchError(f"unknown patch type: {go_text(directive)} in map: {go_text(patch)}")


def _retain(original: Map, patch: Map) -> None:
    """Drop the fields that `$retainKeys` does not list."""
    if _RETAIN not in patch:
        return
    kept = patch.pop(_RETAIN)
    if not isinstance(kept, list):
        raise MalformedPatchError("invalid patch format of retainKeys")
    for name, value in patch.items():
        if value is not None and not name.startswith((_ORDER, _DELETE_PRIMITIVES)) and name not in kept:
            raise MalformedPatchError("invalid patch format of retainKeys")
    for name in [name for name in original if name not in kept]:
        del original[name]


def _merge_field(original: Map, name: str, value: Json, type_name: str | None) -> None:
    removal = name.startswith(_DELETE_PRIMITIVES)
    if name.startswith(_DELETE_PRIMITIVES.removesuffix("/")) and not removal:
        raise MalformedPatchError("invalid patch format of primitive list")
    name = name.removeprefix(_DELETE_PRIMITIVES)
    if value is None:
        original.pop(name, None)
        return
    current = original.get(name)
    if _go_kind(current) != _go_kind(value):
        if not removal:
            _put(original, name, _without_nulls(value))
    elif isinstance(value, dict):
        meaning = meaning_of(type_name, name)
        original[name] = _merge_maps(current or {}, value, meaning.element)
    elif isinstance(value, list):
        meaning = meaning_of(type_name, name)
        if removal or meaning.merges:
            original[name] = _merge_lists(current or [], value, meaning, removal=removal)
        else:
            original[name] = value
    else:
        original[name] = value


def _go_kind(value: Json) -> str:
    """Tell the type that Go reads a JSON value as: numbers with a point are another one."""
    return type(value).__name__


def _put(original: Map, name: str, value: Json) -> None:
    kept = _without_directives(value)
    if kept is _GONE:
        original.pop(name, None)
    else:
        original[name] = kept


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _without_directives(value: Json) -> Json:
    """Return what is new without the maps that carry a directive; `_GONE` for one that does itself."""
    if isinstance(value, dict):
        if _DIRECTIVE in value:
            return _GONE
        shown = {name: _without_directives(item) for name, item in value.items()}
        return {name: item for name, item in shown.items() if item is not _GONE}
    if isinstance(value, list):
        return [item for item in map(_without_directives, value) if item is not _GONE]
    return value


def _merge_ordered(original: Map, patch: Map, directive: str, type_name: str | None) -> None:
    """Merge the list that a `$setElementOrder` is about, and put it in that order."""
    name = directive.removeprefix(_ORDER)
    order = _list_of(patch, directive)
    current, value = _list_of(original, name), _list_of(patch, name)
    meaning = meaning_of(type_name, name)
    check_order(value, order, meaning.key)
    server = Server(current)
    if name not in original and name not in patch:
        merged: list[Any] | None = None
    elif name not in patch:
        merged = current
    elif name not in original:
        merged = _without_directives(value)
    else:
        merged = _merge_lists(current, value, meaning, server=server) if meaning.merges else value
    patch.pop(directive)
    if merged is None:
        return
    listed, others = partition(merged, order, meaning.key)
    _element_kind(current, value)
    original[name] = in_order(listed, others, order, server.slots, meaning.key)
    patch.pop(name, None)


def _list_of(owner: Map, name: str) -> list[Any]:
    """Return a list of a map, an empty one when there is none; PatchError when it is something else."""
    value = owner.get(name, [])
    if not isinstance(value, list):
        raise PatchError(f"expected a []interface {{}}, but received a {go_type(value)}")
    return value


def _element_kind(*lists: list[Any]) -> str:
    """Return the one type of all items; PatchError when there are several, or none."""
    kinds = [_go_kind(item) for items in lists for item in items]
    if not kinds:
        raise PatchError("no elements in any of the given slices")
    if kinds[0] == "list":
        raise UnprocessablePatchError("lists of lists are not supported")
    if len(set(kinds)) > 1:
        raise PatchError(f"list element types are not identical: {go_text(list(lists))}")
    return kinds[0]


def _merge_lists(
    current: list[Any],
    patch: list[Any],
    meaning: Meaning,
    *,
    removal: bool = False,
    server: Server | None = None,
) -> list[Any]:
    """Merge two lists; `server` keeps track of where the items that were there stood."""
    if not current and not patch:
        return current
    if _element_kind(current, patch) != "dict":
        if removal:
            return [item for item in current if not any(same(item, each) for each in patch)]
        listed, others = partition(_deduplicated([*current, *patch]), patch, "")
        return in_order(listed, others, patch, current, "")
    key = meaning.key
    if not key:
        raise PatchError("cannot merge lists without merge key for struct")
    server = server or Server(current)
    plain, replaced = _without_special_items(server, patch, key)
    items, patch = (plain, []) if replaced else (server.items(), plain)
    before = list(items)
    for item in patch:
        found = find(items, key, key_of(item, key))
        if found is None:
            items.append(item)
            server.append(item)
        else:
            _merge_into(found, item, meaning.element)
    listed, others = partition(items, patch, key)
    return in_order(listed, others, patch, before, key)


def _merge_into(found: Map, item: Map, element: str | None) -> None:
    merged = _merge_maps(found, item, element)
    if merged is not found:
        found.clear()
        found.update(merged)


def _without_special_items(server: Server, patch: list[Map], key: str) -> tuple[list[Map], bool]:
    """Delete what the patch's items say; return its plain items, and whether they are to replace all."""
    plain, replaced = [], False
    for item in patch:
        match item.get(_DIRECTIVE, _GONE):
            case directive if directive is _GONE:
                plain.append(item)
            case "delete":
                server.delete(key, key_of(item, key))
            case "replace":
                replaced = True
            case "merge":
                raise PatchError("merging lists cannot yet be specified in the patch")
            case directive:
                raise _unknown_directive(directive, item)
    return plain, replaced


def _deduplicated(items: list[Any]) -> list[Any]:
    """Keep the first of equal values; the place of a dropped one goes to the last, as in Go."""
    kept = list(items)
    first = 0
    while first < len(kept) - 1:
        second = first + 1
        while second < len(kept):
            if same(kept[first], kept[second]):
                kept[second] = kept[-1]
                kept.pop()
            else:
                second += 1
        first += 1
    return kept
