"""Whether an object may exist, or replace another: each kind's own rules stand in `validating/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.validating.data import data_faults
from workshop_tui.practice.cluster.validating.metadata import metadata_faults
from workshop_tui.practice.cluster.validating.pods import pod_faults
from workshop_tui.practice.cluster.validating.services import service_faults
from workshop_tui.practice.cluster.validating.workloads import workload_faults

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.errors import Fault
    from workshop_tui.practice.cluster.ports import Object


def faults_of(kind: str, object_: Object, previous: Object | None) -> list[Fault]:
    """Return everything wrong with an object that replaces `previous` (None: is new)."""
    faults = list(
        metadata_faults(kind, object_["metadata"], previous["metadata"] if previous is not None else None)
    )
    match kind:
        case "Deployment" | "ReplicaSet":
            faults += workload_faults(kind, object_["spec"], previous)
        case "Pod":
            faults += pod_faults(object_["spec"], previous["spec"] if previous is not None else None)
        case "Service":
            faults += service_faults(object_["spec"])
        case "ConfigMap" | "Secret":
            faults += data_faults(kind, object_, previous)
        case _:
            pass
    return faults
