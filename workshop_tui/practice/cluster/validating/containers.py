"""What containers require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.quantities import parse_quantity
from workshop_tui.practice.cluster.validating.environment import env_faults, env_from_faults
from workshop_tui.practice.cluster.validating.faults import (
    duplicate_value,
    forbidden_value,
    invalid_value,
    missing_value,
    required_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.validating.names import (
    all_faults,
    label_faults,
    port_faults,
    port_name_faults,
)
from workshop_tui.practice.cluster.validating.probes import no_probes_faults, probes_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
PROTOCOLS = _PROTOCOLS
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
_HIGHEST_USER = (1 << 31) - 1


def containers_faults(spec: dict[str, Any], field: str) -> Iterator[Fault]:
    """Yield what is wrong with the containers of a pod's specification that stands at `field`."""
    volumes = {volume.get("name") for volume in spec.get("volumes", [])}
    containers = spec.get("containers", [])
    if not containers:
        yield required_value(f"{field}.containers")
    seen: set[str] = set()
    for index, container in enumerate(containers):
        place = f"{field}.containers[{index}]"
        yield from _common_faults(container, place, volumes)
        yield from _name_taken(container, place, seen)
        yield from probes_faults(container, place)
        if "restartPolicy" in container:
            yield forbidden_value(f"{place}.restartPolicy", "may not be set for non-init containers")
    for index, container in enumerate(spec.get("initContainers", [])):
        place = f"{field}.initContainers[{index}]"
        yield from _common_faults(container, place, volumes)
        policy = container.get("restartPolicy")
        if policy not in {None, "Always"}:
            yield unsupported_value(f"{place}.restartPolicy", policy, ["Always"])
        yield from _name_taken(container, place, seen)
        probes = probes_faults if policy == "Always" else no_probes_faults
        yield from probes(container, place)


def _name_taken(container: dict[str, Any], field: str, seen: set[str]) -> Iterator[Fault]:
    name = container.get("name", "")
    if name in seen:
        yield duplicate_value(f"{field}.name", name)
    if name:
        seen.add(name)


def _common_faults(container: dict[str, Any], field: str, volumes: set[str | None]) -> Iterator[Fault]:
    if container.get("name"):
        yield from all_faults(f"{field}.name", container["name"], label_faults)
    else:
        yield required_value(f"{field}.name")
    if not container.get("image"):
        yield required_value(f"{field}.image")
    message = container.get("terminationMessagePolicy", "")
    if message not in _MESSAGE_POLICIES:
        yield unsupported_value(f"{field}.terminationMessagePolicy", message, _MESSAGE_POLICIES)
    yield from _port_faults(container.get("ports", []), f"{field}.ports")
    yield from env_faults(container.get("env", []), f"{field}.env")
    yield from env_from_faults(container.get("envFrom", []), f"{field}.envFrom")
    yield from _mount_faults(container.get("volumeMounts", []), f"{field}.volumeMounts", volumes)
    policy = container.get("imagePullPolicy", "")
    if policy not in _PULL_POLICIES:
        yield unsupported_value(f"{field}.imagePullPolicy", policy, _PULL_POLICIES)
    yield from _resource_faults(container.get("resources", {}), f"{field}.resources")
    yield from security_faults(container.get("securityContext", {}), f"{field}.securityContext")


def image_faults(spec: dict[str, Any], field: str) -> Iterator[Fault]:
    """Yield the images of a pod (not of a template) with spaces around them."""
    for group in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(group, [])):
            image = container.get("image", "")
            if image != image.strip():
                why = "must not have leading or trailing whitespace"
                yield invalid_value(f"{field}.{group}[{index}].image", image, why)


def _port_faults(ports: list[dict[str, Any]], field: str) -> Iterator[Fault]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        place = f"{field}[{index}]"
        name = port.get("name", "")
        if name:
            wrong = list(all_faults(f"{place}.name", name, port_name_faults))
            yield from wrong
            if not wrong and name in names:
                yield duplicate_value(f"{place}.name", name)
            names.add(name)
        if not port.get("containerPort"):
            yield required_value(f"{place}.containerPort")
        for key in ("containerPort", "hostPort"):
            for why in port_faults(port[key]) if port.get(key) else ():
                yield invalid_value(f"{place}.{key}", port[key], why)
        if port.get("protocol") not in _PROTOCOLS:
            yield unsupported_value(f"{place}.protocol", port.get("protocol", ""), _PROTOCOLS)


def _mount_faults(mounts: list[dict[str, Any]], field: str, volumes: set[str | None]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        place = f"{field}[{index}]"
        name, target = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield required_value(f"{place}.name")
        if name not in volumes:
            yield missing_value(f"{place}.name", name)
        if not target:
            yield required_value(f"{place}.mountPath")
        if target in seen:
            yield invalid_value(f"{place}.mountPath", target, "must be unique")
        seen.add(target)
        if mount.get("subPath", "").startswith("/"):
            yield invalid_value(f"{field}.subPath", mount["subPath"], "must be a relative path")


def _resource_faults(resources: dict[str, Any], field: str) -> Iterator[Fault]:
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    for group, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            place = f"{field}.{group}[{name}]"
            if "/" not in name and name not in _RESOURCES and not name.startswith("hugepages-"):
                yield invalid_value(place, name, "must be a standard resource type or fully qualified")
                yield invalid_value(place, name, "must be a standard resource for containers")
            if parse_quantity(amount) < 0:
                yield invalid_value(place, amount, "must be greater than or equal to 0")
            limit = limits.get(name)
            if group == "requests" and limit is not None and parse_quantity(amount) > parse_quantity(limit):
                why = f"must be less than or equal to {name} limit of {limit}"
                yield invalid_value(f"{field}.requests", amount, why)


def security_faults(context: dict[str, Any], field: str) -> Iterator[Fault]:
    """Yield what is wrong with the security context of a container or pod."""
    for name in ("runAsUser", "runAsGroup", "fsGroup"):
        if not 0 <= context.get(name, 0) <= _HIGHEST_USER:
            why = f"must be between 0 and {_HIGHEST_USER}, inclusive"
            yield invalid_value(f"{field}.{name}", context[name], why)
    if context.get("privileged") and context.get("allowPrivilegeEscalation") is False:
        why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        yield invalid_value(field, context, why)
