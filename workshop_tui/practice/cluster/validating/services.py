"""What Services require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.validating.containers import PROTOCOLS
from workshop_tui.practice.cluster.validating.faults import (
    GoText,
    duplicate_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.validating.names import (
    all_faults,
    label_faults,
    labels_faults,
    port_faults,
    port_or_name_faults,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")


def service_faults(spec: dict[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with a Service."""
    ports = spec.get("ports", [])
    if not ports and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        yield required_value("spec.ports")
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _port_faults(port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    yield from labels_faults(spec.get("selector", {}), "spec.selector")
    if spec.get("sessionAffinity") not in _AFFINITIES:
        yield unsupported_value("spec.sessionAffinity", spec.get("sessionAffinity", ""), _AFFINITIES)
    if spec.get("type") not in _TYPES:
        yield unsupported_value("spec.type", spec.get("type", ""), _TYPES)
    if spec.get("type") == "ExternalName" and not spec.get("externalName"):
        yield required_value("spec.externalName")
    yield from _repeated_ports(ports)


def _port_faults(port: dict[str, Any], field: str, names: set[str], *, named: bool) -> Iterator[Fault]:
    name = port.get("name", "")
    if named and not name:
        yield required_value(f"{field}.name")
    elif name:
        yield from all_faults(f"{field}.name", name, label_faults)
        if name in names:
            yield duplicate_value(f"{field}.name", name)
        names.add(name)
    for why in port_faults(port.get("port", 0)):
        yield invalid_value(f"{field}.port", port.get("port", 0), why)
    if port.get("protocol") not in PROTOCOLS:
        yield unsupported_value(f"{field}.protocol", port.get("protocol", ""), PROTOCOLS)
    yield from port_or_name_faults(f"{field}.targetPort", port.get("targetPort", port.get("port", 0)))


def _repeated_ports(ports: list[dict[str, Any]]) -> Iterator[Fault]:
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol", ""), port.get("port", 0))
        if key in seen:
            shown = GoText(
                f'core.ServicePort{{Name:"", Protocol:"{key[0]}", AppProtocol:(*string)(nil), Port:{key[1]}, '
                'TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}'
            )
            yield duplicate_value(f"spec.ports[{index}]", shown)
        seen.add(key)
