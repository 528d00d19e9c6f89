"""Objects as rows, the way `kubectl get` shows them: the server makes the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.tables import columns, pods

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Object

_WIDE = 1
Cells = list[Any]


@dataclass(frozen=True, slots=True)
class _Printer:
    """Columns by name (those with a `+` only with `-o wide`) and the cells of one object."""

    header: str
    cells: Callable[[Object, datetime], Cells]

    def definitions(self) -> list[dict[str, Any]]:
        """Return the column definitions of a Table."""
        named = [(name.lstrip("+"), _WIDE * name.startswith("+")) for name in self.header.split(",")]
        return [
            {
                "name": name,
                "type": "integer" if name in columns.NUMBERS else "string",
                "format": "name" if name == "Name" else "",
                "description": "",
                "priority": priority,
            }
            for name, priority in named
        ]


def _age_only(object_: Object, now: datetime) -> Cells:
    return [object_["metadata"]["name"], columns.age(object_, now)]


_PRINTERS: dict[str, _Printer] = {
    "Pod": _Printer("Name,Ready,Status,Restarts,Age,+IP,+Node,+Nominated Node,+Readiness Gates", pods.cells),
    "Deployment": _Printer(
        "Name,Ready,Up-to-date,Available,Age,+Containers,+Images,+Selector", columns.deployment
    ),
    "ReplicaSet": _Printer(
        "Name,Desired,Current,Ready,Age,+Containers,+Images,+Selector", columns.replica_set
    ),
    "Service": _Printer("Name,Type,Cluster-IP,External-IP,Port(s),Age,+Selector", columns.service),
    "ServiceAccount": _Printer("Name,Secrets,Age", columns.service_account),
    "ConfigMap": _Printer("Name,Data,Age", columns.config_map),
    "Secret": _Printer("Name,Type,Data,Age", columns.secret),
    "Namespace": _Printer("Name,Status,Age", columns.namespace),
    "Node": _Printer(
        "Name,Status,Roles,Age,Version,+Internal-IP,+External-IP,+OS-Image,+Kernel-Version,+Container-Runtime",
        columns.node,
    ),
    "Event": _Printer(
        "Last Seen,Type,Reason,Object,+Subobject,+Source,Message,+First Seen,+Count,+Name", columns.event
    ),
    "Endpoints": _Printer("Name,Endpoints,Age", columns.endpoints),
    "EndpointSlice": _Printer("Name,AddressType,Ports,Endpoints,Age", columns.endpoint_slice),
    "MutatingWebhookConfiguration": _Printer("Name,Webhooks,Age", columns.webhooks),
}
_PLAIN = _Printer("Name,Created At", _age_only)


def make_table(
    kind: str,
    objects: Sequence[Object],
    *,
    now: datetime,
    metadata: Object,
    include: str,
    header: bool = True,
) -> Object:
    """Return a Table of these objects.

    Args:
        kind: the objects' kind; its columns are shown.
        objects: what the rows tell of.
        now: the time that ages are counted to.
        metadata: the list's, with at least its resourceVersion.
        include: what each row carries: Object, Metadata or None.
        header: whether the columns are told; in a watch, only once.

    """
    printer = _PRINTERS.get(kind, _PLAIN)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": printer.definitions() if header else None,
        "rows": [
            {"cells": printer.cells(object_, now), "object": _row_object(object_, include)}
            for object_ in objects
        ],
    }


def _row_object(object_: Object, include: str) -> Object | None:
    match include:
        case "Object":
            return object_
        case "None":
            return None
        case _:
            return {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": object_["metadata"],
            }
