"""Merging an applied object into a live one, and taking single fields away again.

After typed/merge.go and typed/remove.go of sigs.k8s.io/structured-merge-diff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.field_sets import by_step
from workshop_tui.practice.cluster.patch.shapes import LEAF, Path, Shape, shape_of, step_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Json, Object


def merged(live: Object, applied: Object, kind: str) -> Object:
    """Return the live object with what is applied to it; neither is touched."""
    result: Object = _merged(live, applied, shape_of(kind))
    return result


def _merged(live: Json, applied: Json, shape: Shape) -> Json:
    if shape.kind in {"struct", "map"} and isinstance(applied, dict) and isinstance(live, dict | None):
        result = dict(live or {})
        for name, value in applied.items():
            result[name] = _merged(result.get(name), value, shape.field(name) or LEAF)
        return result
    if shape.kind in {"items", "set"} and isinstance(applied, list) and isinstance(live, list | None):
        return list(_merged_items(live or [], applied, shape))
    if shape.kind != "leaf" and applied is None:
        return live
    return applied


def _merged_items(live: list[Any], applied: list[Any], shape: Shape) -> Iterator[Json]:
    """Yield the items of both lists: the applied ones in their order, the others where they stood."""
    old, new = by_step(live, shape), by_step(applied, shape)
    left, right = [step_of(shape, item) for item in live], list(new)
    shared = [step for step in right if step in old]
    place, done = 0, set()
    for step in right:
        while place < len(left) and left[place] != step:
            here = left[place]
            if here not in new:
                yield live[place]
            elif here not in done and not (shared and shared[0] != here):
                break
            place += 1
        if place < len(left) and left[place] == step:
            place += 1
        was = old.get(step, [None])
        yield _merged(was[0] if len(was) == 1 else None, new[step][0], shape.item)
        done.add(step)
        shared = [each for each in shared if each != step]
    for index in range(place, len(left)):
        if left[index] not in new:
            yield live[index]


def without(object_: Object, paths: set[Path], kind: str) -> Object:
    """Return the object without the fields and items at these paths, and without what gets empty by it."""
    result: Object = _without(object_, paths, shape_of(kind)) or {}
    return result


def _without(value: Json, paths: set[Path], shape: Shape) -> Json:
    below: dict[str, set[Path]] = {}
    for path in paths:
        below.setdefault(path[0], set()).add(path[1:])
    if shape.kind in {"struct", "map"} and isinstance(value, dict):
        kept: Json = {}
        for name, item in value.items():
            rest = below.get(f"f:{name}", set())
            if () not in rest:
                left = _without(item, rest, shape.field(name) or LEAF) if rest else item
                if left is not None or not rest:
                    kept[name] = left
        return kept or None
    if shape.kind in {"items", "set"} and isinstance(value, list):
        kept = []
        for item in value:
            rest = below.get(step_of(shape, item), set())
            if () not in rest:
                kept.append(_without(item, rest, shape.item) if rest else item)
        return kept or None
    return value


def paths_there(object_: Object, paths: set[Path], kind: str) -> set[Path]:
    """Return those of the paths at which the object has something."""
    return {path for path in paths if _is_there(object_, path, shape_of(kind))}


def _is_there(value: Json, path: Path, shape: Shape) -> bool:
    if not path:
        return True
    step, rest = path[0], path[1:]
    if step.startswith("f:") and isinstance(value, dict):
        name = step[2:]
        return name in value and _is_there(value[name], rest, shape.field(name) or LEAF)
    if isinstance(value, list) and shape.kind in {"items", "set"}:
        found = by_step(value, shape).get(step)
        return bool(found) and _is_there(found[0], rest, shape.item) if found else False
    return False
