"""Which fields an object sets, and which differ between two: the sets that server-side apply reckons with.

After typed/tofieldset.go and typed/compare.go of sigs.k8s.io/structured-merge-diff.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.shapes import LEAF, Path, Shape, shape_of, step_of

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json, Object

_MISSING: Any = object()
_ALWAYS_THERE: dict[tuple[str, str], Json] = {
    **{
        (kind, name): {}
        for kind in ("Deployment", "ReplicaSet", "Pod", "Service", "Namespace", "Node")
        for name in ("spec", "status")
    },
    ("DeploymentSpec", "template"): {},
    ("DeploymentSpec", "strategy"): {},
    ("ReplicaSetSpec", "template"): {},
    ("PodTemplateSpec", "metadata"): {},
    ("PodTemplateSpec", "spec"): {},
    ("PodSpec", "containers"): None,
    ("ServiceStatus", "loadBalancer"): {},
    ("NodeStatus", "daemonEndpoints"): {},
    ("NodeStatus", "nodeInfo"): {},
    ("Event", "involvedObject"): {},
    ("Event", "source"): {},
}
"""Fields that Go's types have even when nothing is set: they are never added, only filled."""


def fields_set(object_: Object, kind: str) -> set[Path]:
    """Return what an applied object sets; KeyError when an item of it lacks its keys."""
    found: set[Path] = set()
    _walk(object_, shape_of(kind), (), found)
    return found


def _walk(value: Json, shape: Shape, path: Path, found: set[Path]) -> None:
    match shape.kind, value:
        case ("struct" | "map", dict()):
            for name, item in value.items():
                here, below = (*path, f"f:{name}"), shape.field(name) or LEAF
                _walk(item, below, here, found)
                if item is None or item == {} or shape.kind == "map":
                    found.add(here)
        case ("items" | "set", list()):
            for item in value:
                here = (*path, step_of(shape, item))
                _walk(item, shape.item, here, found)
                found.add(here)
        case ("items" | "set" | "struct" | "map", None):
            pass
        case _:
            found.add(path)


@dataclass
class Comparison:
    """The places where an object differs from an older one."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)

    @property
    def changed(self) -> set[Path]:
        """What is new or another."""
        return self.added | self.modified


def compare(before: Object, after: Object, kind: str) -> Comparison:
    """Return where `after` differs from `before`, both of a kind; KeyError when an item lacks its keys."""
    comparison = Comparison()
    _compare(before, after, shape_of(kind), (), comparison)
    return comparison


def _compare(before: Json, after: Json, shape: Shape, path: Path, into: Comparison) -> None:
    if before is not _MISSING and before == after:
        return
    nothing = not _content(before) and not _content(after)
    if shape.kind == "leaf" or nothing or not _comparable(shape, before, after):
        if before is not _MISSING and after is not _MISSING:
            if before != after:
                into.modified.add(path)
            return
    elif shape.kind in {"struct", "map"}:
        _compare_maps(before, after, shape, path, into)
    else:
        _compare_lists(before, after, shape, path, into)
    if before is _MISSING:
        into.added.add(path)
    elif after is _MISSING:
        into.removed.add(path)


def _content(value: Json) -> Json:
    return None if value is _MISSING else value


def _comparable(shape: Shape, before: Json, after: Json) -> bool:
    wanted = dict if shape.kind in {"struct", "map"} else list
    return all(each is _MISSING or each is None or isinstance(each, wanted) for each in (before, after))


def _compare_maps(before: Json, after: Json, shape: Shape, path: Path, into: Comparison) -> None:
    old, new = _content(before) or {}, _content(after) or {}
    for name in old.keys() | new.keys():
        was, now = old.get(name, _MISSING), new.get(name, _MISSING)
        if was is _MISSING and before is not _MISSING:
            was = _ALWAYS_THERE.get((shape.type_name, name), _MISSING) if shape.kind == "struct" else was
        if now is _MISSING and after is not _MISSING:
            now = _ALWAYS_THERE.get((shape.type_name, name), _MISSING) if shape.kind == "struct" else now
        _compare(was, now, shape.field(name) or LEAF, (*path, f"f:{name}"), into)


def _compare_lists(before: Json, after: Json, shape: Shape, path: Path, into: Comparison) -> None:
    old, new = by_step(_content(before) or [], shape), by_step(_content(after) or [], shape)
    for step in old.keys() | new.keys():
        was, now = old.get(step, []), new.get(step, [])
        here = (*path, step)
        if len(was) <= 1 and len(now) <= 1:
            _compare(was[0] if was else _MISSING, now[0] if now else _MISSING, shape.item, here, into)
        elif len(was) > 1 and len(now) > 1:
            into.modified |= {here} if was != now else set()
        elif len(was) > 1:
            if now:
                _compare(_MISSING, now[0], shape.item, here, into)
            into.removed.add(here)
        else:
            if was:
                _compare(was[0], _MISSING, shape.item, here, into)
            into.added.add(here)


def by_step(items: list[Any], shape: Shape) -> dict[str, list[Any]]:
    """Return the items of a list by their steps; KeyError when one lacks its keys."""
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(step_of(shape, item), []).append(item)
    return found


def omits_keys(shape: Shape) -> str:
    """Return the API server's words for an item without the keys it is told by."""
    keys = " ".join(f'"{key}"' for key in shape.keys)
    return (
        f"associative list with keys has an element that omits all key fields [{keys}] "
        "(and doesn't have default values for any key fields)"
    )
