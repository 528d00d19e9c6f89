"""Events: what happened to an object, equal ones counted together."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from workshop_tui.practice.cluster.times import parse_time, time_text

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Clock

KEPT = timedelta(hours=1)
"""How long an event is kept, as the API server's --event-ttl."""
_SHARED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")


class Events:
    """The EventRecorder over the object store."""

    def __init__(self, objects: Objects, clock: Clock) -> None:
        self._objects = objects
        self._clock = clock

    def record(
        self,
        regarding: Object,
        *,
        type_: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        component: str,
        field_path: str = "",
        host: str = "",
    ) -> None:
        """Record an event about an object; the same again raises the count of the first."""
        metadata = regarding["metadata"]
        namespace = metadata.get("namespace", "default")
        now = time_text(self._clock.now())
        text = "\0".join((metadata["uid"], type_, reason, message, component, field_path))
        name = f"{metadata['name']}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        known = self._objects.find("events", namespace, name)
        if known is not None:
            known["count"] += 1
            known["lastTimestamp"] = now
            self._objects.replace("events", known)
            return
        self._forget_old()
        involved = {key: metadata[key] for key in _SHARED if key in metadata}
        involved |= {"kind": regarding["kind"], "apiVersion": regarding["apiVersion"]}
        if field_path:
            involved["fieldPath"] = field_path
        event: Object = {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "source": {"component": component} | ({"host": host} if host else {}),
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": type_,
            "eventTime": None,
            "reportingComponent": component,
            "reportingInstance": host,
        }
        self._objects.create("events", event)

    def _forget_old(self) -> None:
        oldest = self._clock.now() - KEPT
        for event in self._objects.list("events"):
            last = event.get("lastTimestamp")
            if last and parse_time(last) < oldest:
                metadata = event["metadata"]
                self._objects.delete("events", metadata["namespace"], metadata["name"])
