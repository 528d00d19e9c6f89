"""The objects of the cluster: durable, versioned, watched."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.copies import copied
from workshop_tui.practice.cluster.errors import already_exists, conflict, not_found
from workshop_tui.practice.cluster.history import EndOfHistoryError, History, Record
from workshop_tui.practice.cluster.patch.managers import FieldWriter, record_update
from workshop_tui.practice.cluster.ports import Change
from workshop_tui.practice.cluster.resources import STORED, resource_named
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    import builtins
    from collections.abc import AsyncIterator, Iterator, Mapping
    from datetime import datetime
    from typing import Literal

    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.context import Clock
    from workshop_tui.practice.store import Store

_KIND = "cluster/"
_COUNTER = ("cluster", "resourceVersion")
_ENDED_PHASES = ("Succeeded", "Failed")
_CONTROLLERS = "kube-controller-manager"
_STATUS_WRITERS = {"pods": "kubelet", "nodes": "kubelet"}
"""Who writes the status of a kind, as managedFields names it; of all others the controllers do."""
_SERVER_FIELDS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")

Key = tuple[str, str, str]
"""Resource, namespace and name."""


class Objects:
    """The one ObjectStore: a write-through cache over the practice store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Load everything there is."""
        self._store = store
        self._clock = clock
        self._objects: defaultdict[str, dict[tuple[str, str], Object]] = defaultdict(dict)
        for resource in STORED:
            for key, document in store.scan(_KIND + resource.name):
                namespace, _, name = key.rpartition("/")
                self._objects[resource.name][namespace, name] = document
        counter = store.read(*_COUNTER) or {"value": 1}
        self._version = int(counter["value"])
        self.history = History(self._version)

    def now(self) -> datetime:
        """Return the cluster's time."""
        return self._clock.now()

    @property
    def version(self) -> int:
        """The version of the latest write, of whatever object."""
        return self._version

    def find(self, resource: str, namespace: str, name: str) -> Object | None:
        """Return the object, a copy, or None."""
        found = self._objects[resource].get((namespace, name))
        return copied(found) if found is not None else None

    def get(self, resource: str, namespace: str, name: str) -> Object:
        """Return the object, a copy, or raise ApiError NotFound."""
        return copied(self._current(resource, namespace, name))

    def list(
        self, resource: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> builtins.list[Object]:
        """Return copies of the objects of a namespace (None: of all) that carry all the labels, by name."""
        wanted = (labels or {}).items()
        return [
            copied(found)
            for found in self.view(resource, namespace)
            if wanted <= (found["metadata"].get("labels") or {}).items()
        ]

    def view(
        self, resource: str, namespace: str | None = None, version: int | None = None
    ) -> builtins.list[Object]:
        """Return the objects of a namespace (None: of all) by name: not copies, to be read only.

        With a version, as they were then; ApiError Expired when that is too long ago.
        """
        found = dict(self._objects[resource])
        newer = self.history.since(version) if version is not None else iter(())
        for record in reversed(list(newer)):
            if record.resource != resource:
                continue
            _, *place = self._key(resource, record.change.object)
            key = (place[0], place[1])
            if record.previous is None:
                found.pop(key, None)
            else:
                found[key] = record.previous
        return [found[key] for key in sorted(found) if namespace in (None, key[0])]

    def everything(self) -> Iterator[tuple[str, Object]]:
        """Yield every object with its resource: not a copy, to be read only."""
        for resource, objects in list(self._objects.items()):
            for object_ in list(objects.values()):
                yield resource, object_

    def create(self, resource: str, object_: Object) -> Object:
        """Create; fills in uid, creationTimestamp and resourceVersion; ApiError AlreadyExists."""
        created = copied(object_)
        key = self._key(resource, created)
        if key[1:] in self._objects[resource]:
            raise already_exists(resource_named(resource), key[2])
        metadata = created["metadata"]
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = time_text(self._clock.now())
        self._write("ADDED", key, created, None)
        return copied(created)

    def update(self, resource: str, object_: Object) -> Object:
        """Replace all but the status; ApiError NotFound, Conflict."""
        return self._replace(resource, object_, keep="status")

    def update_status(self, resource: str, object_: Object, *, managed_fields: Json | None = None) -> Object:
        """Replace the status alone, and who owns its fields if that is given; ApiError NotFound, Conflict."""
        current = self._checked(resource, object_)
        changed = copied(current)
        if managed_fields is not None:
            changed["metadata"]["managedFields"] = managed_fields
        if "status" in object_:
            changed["status"] = copied(object_["status"])
        if managed_fields is None and changed != current:
            writer = FieldWriter(_STATUS_WRITERS.get(resource, _CONTROLLERS), self.now(), "status")
            record_update(resource_named(resource), current, changed, writer)
        return self._save(resource, current, changed)

    def replace(self, resource: str, object_: Object) -> Object:
        """Replace all, the status included: for objects whose kind has no status of its own path."""
        return self._replace(resource, object_, keep=None)

    def _replace(self, resource: str, object_: Object, *, keep: str | None) -> Object:
        current = self._checked(resource, object_)
        changed = copied(object_)
        for field in _SERVER_FIELDS:
            changed["metadata"].pop(field, None)
            if field in current["metadata"]:
                changed["metadata"][field] = current["metadata"][field]
        if keep:
            changed.pop(keep, None)
            if keep in current:
                changed[keep] = copied(current[keep])
        return self._save(resource, current, changed)

    def _save(self, resource: str, current: Object, changed: Object) -> Object:
        """Write unless nothing changed; finish a deletion whose last finalizer went."""
        changed["metadata"]["resourceVersion"] = current["metadata"]["resourceVersion"]
        key = self._key(resource, changed)
        metadata = changed["metadata"]
        waiting = resource == "pods" and metadata.get("deletionGracePeriodSeconds")
        if "deletionTimestamp" in metadata and not _blockers(changed) and not waiting:
            self._remove(key, changed)
        elif changed != current:
            self._write("MODIFIED", key, changed, current)
        return copied(changed)

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        grace_seconds: int | None = None,
    ) -> Object:
        """Delete, or begin to: finalizers and bound pods keep an object until they are done with it."""
        current = self._current(resource, namespace, name)
        if uid and current["metadata"]["uid"] != uid:
            raise conflict(resource_named(resource), name, _other_uid(uid, current))
        changed = copied(current)
        key = (resource, namespace, name)
        grace = _grace(resource, current, grace_seconds)
        if not grace and not _blockers(changed):
            self._remove(key, changed)
            return changed
        metadata = changed["metadata"]
        earlier = metadata.get("deletionGracePeriodSeconds")
        if earlier is None or grace < earlier:
            metadata["deletionTimestamp"] = time_text(self._clock.now(), plus_seconds=grace)
            metadata["deletionGracePeriodSeconds"] = grace
            self._write("MODIFIED", key, changed, current)
        return copied(changed)

    async def watch(self, resource: str, namespace: str | None = None) -> AsyncIterator[Change]:
        """Yield ADDED for everything there is now, then every later change, for ever."""
        subscription = self.history.subscribe()
        try:
            for object_ in self.list(resource, namespace):
                yield Change("ADDED", object_)
            while True:
                try:
                    record = await subscription.next()
                except EndOfHistoryError:
                    return
                space = record.change.object["metadata"].get("namespace", "")
                if record.resource == resource and namespace in (None, space):
                    yield record.change
        finally:
            self.history.unsubscribe(subscription)

    def _checked(self, resource: str, object_: Object) -> Object:
        _, namespace, name = self._key(resource, object_)
        current = self._current(resource, namespace, name)
        version = object_["metadata"].get("resourceVersion")
        if version and version != current["metadata"]["resourceVersion"]:
            raise conflict(resource_named(resource), name)
        uid = object_["metadata"].get("uid")
        if uid and uid != current["metadata"]["uid"]:
            raise conflict(resource_named(resource), name, _other_uid(uid, current))
        return current

    def _current(self, resource: str, namespace: str, name: str) -> Object:
        found = self._objects[resource].get((namespace, name))
        if found is None:
            raise not_found(resource_named(resource), name)
        return found

    @staticmethod
    def _key(resource: str, object_: Object) -> Key:
        metadata = object_["metadata"]
        namespace = metadata.get("namespace", "") if resource_named(resource).namespaced else ""
        return resource, namespace, metadata["name"]

    def _write(
        self, type_: Literal["ADDED", "MODIFIED"], key: Key, object_: Object, previous: Object | None
    ) -> None:
        resource, namespace, name = key
        version = self._version + 1
        object_["metadata"]["resourceVersion"] = str(version)
        stored = copied(object_)
        with self._store.transaction():
            self._store.write(*_COUNTER, {"value": version})
            self._store.write(_KIND + resource, f"{namespace}/{name}", stored)
        self._version = version
        self._objects[resource][namespace, name] = stored
        self.history.append(Record(version, resource, Change(type_, stored), previous))

    def _remove(self, key: Key, object_: Object) -> None:
        resource, namespace, name = key
        version = self._version + 1
        previous = self._objects[resource][namespace, name]
        object_["metadata"]["resourceVersion"] = str(version)
        with self._store.transaction():
            self._store.write(*_COUNTER, {"value": version})
            self._store.remove(_KIND + resource, f"{namespace}/{name}")
        self._version = version
        del self._objects[resource][namespace, name]
        self.history.append(Record(version, resource, Change("DELETED", copied(object_)), previous))


def _grace(resource: str, object_: Object, asked: int | None) -> int:
    """Return the seconds a deletion waits: only pods that a node runs are stopped gently."""
    spec: dict[str, Any] = object_.get("spec") or {}
    if resource != "pods" or not spec.get("nodeName"):
        return 0
    if (object_.get("status") or {}).get("phase") in _ENDED_PHASES:
        return 0
    return int(spec.get("terminationGracePeriodSeconds", 30) if asked is None else asked)


def _other_uid(uid: str, current: Object) -> str:
    found = current["metadata"]["uid"]
    return f"Precondition failed: UID in precondition: {uid}, UID in object meta: {found}"


def _blockers(object_: Object) -> builtins.list[str]:
    """Return who still has to do something before the object may go; namespaces name them in their spec."""
    in_spec = (object_.get("spec") or {}).get("finalizers") if object_["kind"] == "Namespace" else None
    return [*object_["metadata"].get("finalizers", []), *(in_spec or [])]
