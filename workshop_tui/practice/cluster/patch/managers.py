"""Who set which field of an object: the entries of `metadata.managedFields`, kept as writers come and go.

After k8s.io/apimachinery/pkg/util/managedfields and merge/update.go of structured-merge-diff.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from workshop_tui.practice.cluster.patch.field_sets import compare
from workshop_tui.practice.cluster.patch.shapes import Path, pack, unpack
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.resources import Resource

UPDATE, APPLY = "Update", "Apply"
BEFORE_FIRST_APPLY = "before-first-apply"
_NEVER_OWNED: frozenset[Path] = frozenset(
    {("f:apiVersion",), ("f:kind",), ("f:metadata",)}
    | {
        ("f:metadata", f"f:{name}")
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Manager:
    """Whose an entry is. An applier is the same whatever version it applies: it has none here."""

    name: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        """Return it as conflicts name it."""
        text = f'"{self.name}"'
        if self.subresource:
            text += f' with subresource "{self.subresource}"'
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text


@dataclass(frozen=True, slots=True)
class Owned:
    """What a manager owns, by which version of the API, and since when."""

    paths: frozenset[Path]
    api_version: str
    time: str


Owners: TypeAlias = dict[Manager, Owned]


@dataclass(frozen=True, slots=True)
class FieldWriter:
    """Who writes now, to which part of an object ("": the object itself), and when."""

    name: str
    moment: datetime
    subresource: str = ""
    reset: bool = field(default=False)

    def manager(self, resource: Resource, operation: str) -> Manager:
        """Return whose entry this is."""
        version = resource.api_version if operation == UPDATE else ""
        return Manager(self.name or "unknown", operation, version, self.subresource)


def read_owners(entries: Json) -> Owners:
    """Return the owners of managedFields; none when they can't be read, as the API server does."""
    owners: Owners = {}
    try:
        for entry in entries or []:
            operation = entry["operation"]
            version = entry["apiVersion"] if operation == UPDATE else ""
            manager = Manager(entry.get("manager", ""), operation, version, entry.get("subresource", ""))
            paths = frozenset(unpack(entry.get("fieldsV1") or {}))
            owners[manager] = Owned(paths, entry["apiVersion"], entry.get("time", ""))
    except (AttributeError, KeyError, TypeError):
        return {}
    return owners


def written_owners(owners: Owners) -> list[dict[str, Any]]:
    """Return owners as managedFields, in the order in which the API server writes them."""
    entries = []
    for manager, owned in owners.items():
        entry = {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": owned.api_version,
            "time": owned.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": pack(set(owned.paths)),
            "subresource": manager.subresource,
        }
        entries.append({key: value for key, value in entry.items() if value or key == "fieldsV1"})
    order = ("operation", "time", "manager", "apiVersion", "subresource")
    return sorted(entries, key=lambda entry: [entry.get(key, "") for key in order])


def is_reset(entries: Json) -> bool:
    """Tell whether a client asks for the owners to be forgotten: an empty list, or one empty entry."""
    return entries in ([], [{}])


def ownable(paths: set[Path], subresource: str) -> set[Path]:
    """Return the fields that have owners at all, and that are written through this part of an object."""
    if subresource == "status":
        return {path for path in paths if path[:1] == ("f:status",) and len(path) > 1}
    return {path for path in paths if path and path[0] != "f:status"} - _NEVER_OWNED


def record_update(resource: Resource, live: Object | None, new: Object, writer: FieldWriter) -> None:
    """Note in `new`, which is about to replace `live`, what this writer has set by it."""
    given = new["metadata"].pop("managedFields", None)
    before = dict((live or {}).get("metadata", {}))
    known = before.pop("managedFields", None)
    if writer.reset:
        owners: Owners = {}
    else:
        owners = ({} if writer.subresource else read_owners(given)) or read_owners(known)
    if not owners and live is not None:
        return
    try:
        owners = _after_update(resource, {**(live or {}), "metadata": before}, new, owners, writer)
    except KeyError:  # an item without its name: validation will say so
        owners = read_owners(known)
    if owners:
        new["metadata"]["managedFields"] = written_owners(owners)


def _after_update(
    resource: Resource, live: Object, new: Object, owners: Owners, writer: FieldWriter
) -> Owners:
    difference = compare(live, new, resource.kind)
    changed = ownable(difference.changed, writer.subresource)
    left = given_up(owners, changed | difference.removed)
    if not changed:
        return left
    me = writer.manager(resource, UPDATE)
    mine = left[me].paths if me in left else frozenset()
    left[me] = Owned(mine | changed, resource.api_version, time_text(writer.moment))
    return left


def given_up(owners: Owners, paths: set[Path], but: Sequence[Manager] = ()) -> Owners:
    """Return the owners without these fields; who has none left is gone. Those in `but` keep theirs."""
    left: Owners = {}
    for manager, owned in owners.items():
        kept = owned.paths if manager in but else owned.paths - paths
        if kept:
            left[manager] = Owned(kept, owned.api_version, owned.time)
    return left


def owners_before_first_apply(resource: Resource, live: Object, moment: datetime) -> Owners:
    """Return one owner of all there is, for an object whose writers were not kept track of."""
    writer = FieldWriter(BEFORE_FIRST_APPLY, moment)
    bare = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    return _after_update(resource, {"metadata": {}}, {**live, "metadata": bare}, {}, writer)
