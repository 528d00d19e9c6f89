"""Server-side apply: what its manager no longer sets goes, what others have set otherwise is a conflict.

After merge/update.go of sigs.k8s.io/structured-merge-diff, and what the API server wraps around it.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.patch.applied import check_applied
from workshop_tui.practice.cluster.patch.field_sets import compare, fields_set
from workshop_tui.practice.cluster.patch.granular import merged, paths_there, without
from workshop_tui.practice.cluster.patch.managers import (
    APPLY,
    FieldWriter,
    Manager,
    Owned,
    Owners,
    given_up,
    ownable,
    owners_before_first_apply,
    read_owners,
    written_owners,
)
from workshop_tui.practice.cluster.patch.shapes import Path, in_set_order, shown
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.resources import Resource

KUBECTL = "kubectl"
"""The manager that takes over without a conflict what `kubectl apply` had set from the client's side."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class _Conflict:
    manager: Manager
    path: Path


def server_side_apply(
    resource: Resource, current: Object | None, applied: Object, writer: FieldWriter, *, force: bool
) -> Object:
    """Return the object after the apply; ApiError Conflict when another manager has set a field otherwise."""
    if "managedFields" in applied["metadata"]:
        raise bad_request("metadata.managedFields must be nil")
    check_applied(resource, applied)
    live = copy.deepcopy(current) if current else {"metadata": {}}
    owners = read_owners(live["metadata"].pop("managedFields", None))
    if current and not owners:
        owners = owners_before_first_apply(resource, live, writer.moment)
    me = writer.manager(resource, APPLY)
    sets = fields_set(applied, resource.kind)
    last = owners.get(me)
    owners[me] = Owned(frozenset(sets), resource.api_version, last.time if last else "")
    new = _pruned(resource, merged(live, applied, resource.kind), last, owners)
    mine = ownable(sets, writer.subresource)
    owners[me] = Owned(frozenset(mine), resource.api_version, last.time if last else "")
    difference = compare(live, new, resource.kind)
    conflicts = _conflicts(owners, me, difference.changed)
    if conflicts and not force:
        if me.name == KUBECTL:
            allowed = _set_by_last_applied(resource, live)
            conflicts = [each for each in conflicts if each.path not in allowed]
        if conflicts:
            raise _refused(conflicts)
    owners = given_up(owners, difference.changed | difference.removed, but=[me])
    if me.name == KUBECTL and live["metadata"].get("annotations", {}).get(LAST_APPLIED):
        new["metadata"].setdefault("annotations", {})[LAST_APPLIED] = _as_last_applied(applied)
    if new != live or last is None:
        owners[me] = Owned(frozenset(mine), resource.api_version, time_text(writer.moment))
    new["metadata"]["managedFields"] = written_owners({who: it for who, it in owners.items() if it.paths})
    return new


def _pruned(resource: Resource, new: Object, last: Owned | None, owners: Owners) -> Object:
    """Take away what the manager applied last time, and neither it nor anybody else sets now."""
    if last is None:
        return new
    owned = _with_parents({path for each in owners.values() for path in each.paths})
    gone = {path for path in _with_parents(set(last.paths)) if path not in owned}
    there = paths_there(new, gone, resource.kind)
    return without(new, there, resource.kind) if there else new


def _with_parents(paths: set[Path]) -> set[Path]:
    """Add the fields that the paths lead through, not the items of lists."""
    return paths | {
        path[:length] for path in paths for length in range(1, len(path)) if path[length - 1].startswith("f:")
    }


def _conflicts(owners: Owners, me: Manager, changed: set[Path]) -> list[_Conflict]:
    return [
        _Conflict(manager, path)
        for manager, owned in sorted(owners.items())
        if manager != me
        for path in in_set_order(set(owned.paths) & changed)
    ]


def _set_by_last_applied(resource: Resource, live: Object) -> set[Path]:
    """Return the fields that `kubectl apply` set from the client's side and that still are as it set them."""
    try:
        last = json.loads(live["metadata"].get("annotations", {}).get(LAST_APPLIED, ""))
        if last["apiVersion"] != resource.api_version:
            return set()
        difference = compare(last, live, resource.kind)
        return fields_set(last, resource.kind) - difference.changed - difference.removed
    except (ValueError, KeyError, TypeError):
        return set()


def _as_last_applied(applied: Object) -> str:
    bare = copy.deepcopy(applied)
    bare["metadata"].get("annotations", {}).pop(LAST_APPLIED, None)
    return json.dumps(bare, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"


def _refused(conflicts: list[_Conflict]) -> ApiError:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {each.manager}",
            "field": shown(each.path),
        }
        for each in conflicts
    ]
    if len(conflicts) == 1:
        only = conflicts[0]
        told = f"1 conflict: conflict with {only.manager}: {shown(only.path)}"
    else:
        lines: list[str] = []
        for manager in dict.fromkeys(each.manager for each in conflicts):
            lines.append(f"conflicts with {manager}:")
            lines += [f"- {shown(each.path)}" for each in conflicts if each.manager == manager]
        told = f"{len(conflicts)} conflicts: " + "\n".join(lines)
    return ApiError(409, "Conflict", f"Apply failed with {told}", details={"causes": causes})
