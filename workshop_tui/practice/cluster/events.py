"""Events: what happened to an object, equal ones counted together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from workshop_tui.practice.cluster.times import parse_time, time_text

if TYPE_CHECKING:
    from datetime import datetime

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
        self._latest = 0
        self._names = {_identity(event): event["metadata"]["name"] for event in objects.view("events")}

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
        moment = self._clock.now()
        now = time_text(moment)
        involved = {key: metadata[key] for key in _SHARED if key in metadata}
        involved |= {"kind": regarding["kind"], "apiVersion": regarding["apiVersion"]}
        if field_path:
            involved["fieldPath"] = field_path
        event: Object = {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {"namespace": namespace},
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
        identity = _identity(event)
        known = self._objects.find("events", namespace, self._names.get(identity, ""))
        if known is not None:
            known["count"] += 1
            known["lastTimestamp"] = now
            self._objects.replace("events", known)
            return
        self._forget_old()
        event["metadata"]["name"] = self._names[identity] = self._new_name(metadata["name"], moment)
        self._objects.create("events", event)

    def _new_name(self, about: str, moment: datetime) -> str:
        """Return a name that sorts after those of earlier events about the object, as its time does."""
        self._latest = max(self._latest + 1, int(moment.timestamp() * 1e9))
        return f"{about}.{self._latest:x}"

    def _forget_old(self) -> None:
        oldest = self._clock.now() - KEPT
        for event in self._objects.view("events"):
            last = event.get("lastTimestamp")
            if last and parse_time(last) < oldest:
                metadata = event["metadata"]
                self._names.pop(_identity(event), None)
                self._objects.delete("events", metadata["namespace"], metadata["name"])


def _identity(event: Object) -> tuple[str, ...]:
    """Return what equal events share."""
    involved, source = event.get("involvedObject", {}), event.get("source", {})
    about = (involved.get("uid", ""), involved.get("fieldPath", ""), source.get("component", ""))
    return (*about, event.get("type", ""), event.get("reason", ""), event.get("message", ""))
