"""The events of events.k8s.io/v1: the same events as core's, in the other group's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.resources import Resource

_RENAMED = {
    "involvedObject": "regarding",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
}


def shown_as(resource: Resource, object_: Object) -> Object:
    """Return a stored object as its resource shows it: an event of events.k8s.io in that group's words."""
    if resource.group != "events.k8s.io":
        return object_
    view = {_RENAMED.get(name, name): value for name, value in object_.items()}
    return view | {"apiVersion": resource.api_version}
