"""What a pod's specification requires, and what of it may change."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.validating.containers import (
    containers_faults,
    image_faults,
    security_faults,
)
from workshop_tui.practice.cluster.validating.faults import (
    forbidden_value,
    invalid_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.validating.names import (
    all_faults,
    label_faults,
    labels_faults,
    subdomain_faults,
)
from workshop_tui.practice.cluster.validating.volumes import volumes_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_LONGEST_DEADLINE = (1 << 31) - 1
_CHANGEABLE = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates")


def pod_spec_faults(spec: dict[str, Any], field: str) -> Iterator[Fault]:
    """Yield what is wrong with a pod's specification that stands at `field`."""
    yield from volumes_faults(spec.get("volumes", []), f"{field}.volumes")
    yield from containers_faults(spec, field)
    restart = spec.get("restartPolicy", "")
    if restart not in _RESTART_POLICIES:
        yield unsupported_value(f"{field}.restartPolicy", restart, _RESTART_POLICIES)
    dns = spec.get("dnsPolicy", "")
    if dns not in _DNS_POLICIES:
        yield unsupported_value(f"{field}.dnsPolicy", dns, _DNS_POLICIES)
    yield from labels_faults(spec.get("nodeSelector", {}), f"{field}.nodeSelector")
    yield from security_faults(spec.get("securityContext", {}), f"{field}.securityContext")
    for name, check in (
        ("serviceAccountName", subdomain_faults),
        ("nodeName", subdomain_faults),
        ("hostname", label_faults),
        ("subdomain", label_faults),
        ("priorityClassName", subdomain_faults),
    ):
        if spec.get(name):
            yield from all_faults(f"{field}.{name}", spec[name], check)
    deadline = spec.get("activeDeadlineSeconds", 1)
    if not 0 < deadline <= _LONGEST_DEADLINE:
        why = f"must be between 1 and {_LONGEST_DEADLINE}, inclusive"
        yield invalid_value(f"{field}.activeDeadlineSeconds", deadline, why)


def pod_faults(spec: dict[str, Any], previous: dict[str, Any] | None) -> Iterator[Fault]:
    """Yield what is wrong with the specification of a pod that replaces one with `previous`."""
    yield from pod_spec_faults(spec, "spec")
    yield from image_faults(spec, "spec")
    if previous is not None:
        yield from _change_faults(spec, previous)


def _change_faults(spec: dict[str, Any], previous: dict[str, Any]) -> Iterator[Fault]:
    for group in ("containers", "initContainers"):
        if len(spec.get(group, [])) != len(previous.get(group, [])):
            yield forbidden_value(f"spec.{group}", "pod updates may not add or remove containers")
            return
    known = previous.get("tolerations", [])
    if any(not _is_kept(each, spec.get("tolerations", [])) for each in known):
        why = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden_value("spec.tolerations", why)
    if _fixed(spec) != _fixed(previous):
        # Kubernetes adds what differs, as Go's cmp.Diff prints it.
        yield forbidden_value(
            "spec",
            "pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
            "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
            "(allow it to be set to 1 if it was previously negative)",
        )


def _is_kept(toleration: dict[str, Any], now: list[dict[str, Any]]) -> bool:
    def bare(each: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in each.items() if key != "tolerationSeconds"}

    return any(bare(each) == bare(toleration) for each in now)


def _fixed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a pod's specification that never changes."""
    fixed = copy.deepcopy(spec)
    for field in _CHANGEABLE:
        fixed.pop(field, None)
    for container in [*fixed.get("containers", []), *fixed.get("initContainers", [])]:
        container.pop("image", None)
    return fixed
