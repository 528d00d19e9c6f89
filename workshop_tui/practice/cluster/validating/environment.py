"""What environment variables require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.validating.faults import (
    invalid_value,
    required_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.validating.names import (
    all_faults,
    config_key_faults,
    subdomain_faults,
    variable_faults,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_LABELS = ("metadata.labels[", "metadata.annotations[")
_KNOWN_LABELS = ("metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName")
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)


def env_faults(items: list[dict[str, Any]], field: str) -> Iterator[Fault]:
    """Yield what is wrong with a container's variables."""
    for index, item in enumerate(items):
        place = f"{field}[{index}]"
        if item.get("name"):
            yield from all_faults(f"{place}.name", item["name"], variable_faults)
        else:
            yield required_value(f"{place}.name")
        if "valueFrom" in item:
            yield from _source_faults(item, f"{place}.valueFrom")


def _source_faults(item: dict[str, Any], field: str) -> Iterator[Fault]:
    source = item["valueFrom"]
    if "fieldRef" in source:
        yield from _field_faults(source["fieldRef"], f"{field}.fieldRef")
    if "resourceFieldRef" in source:
        resource = source["resourceFieldRef"].get("resource", "")
        if not resource:
            yield required_value(f"{field}.resourceFieldRef.resource")
        elif resource not in _RESOURCES:
            yield unsupported_value(f"{field}.resourceFieldRef.resource", resource, _RESOURCES)
    for name in ("configMapKeyRef", "secretKeyRef"):
        if name in source:
            yield from _key_faults(source[name], f"{field}.{name}")
    if not source:
        why = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
        yield invalid_value(field, "", why)
    elif item.get("value"):
        yield invalid_value(field, "", "may not be specified when `value` is not empty")
    elif len(source) > 1:
        yield invalid_value(field, "", "may not have more than one field specified at a time")


def _field_faults(reference: dict[str, Any], field: str) -> Iterator[Fault]:
    path = reference.get("fieldPath", "")
    if not path:
        yield required_value(f"{field}.fieldPath")
    elif path in _KNOWN_LABELS:
        yield unsupported_value(f"{field}.fieldPath", path, _FIELDS)
    elif path not in _FIELDS and not path.startswith(_LABELS):
        why = f"error converting fieldPath: field label not supported: {path}"
        yield invalid_value(f"{field}.fieldPath", path, why)


def _key_faults(reference: dict[str, Any], field: str) -> Iterator[Fault]:
    yield from all_faults(f"{field}.name", reference.get("name", ""), subdomain_faults)
    if reference.get("key"):
        yield from all_faults(f"{field}.key", reference["key"], config_key_faults)
    else:
        yield required_value(f"{field}.key")


def env_from_faults(items: list[dict[str, Any]], field: str) -> Iterator[Fault]:
    """Yield what is wrong with the sources of a container's variables."""
    for index, item in enumerate(items):
        place = f"{field}[{index}]"
        if item.get("prefix"):
            yield from all_faults(f"{place}.prefix", item["prefix"], variable_faults)
        sources = [name for name in ("configMapRef", "secretRef") if name in item]
        for name in sources:
            if item[name].get("name"):
                yield from all_faults(f"{place}.{name}.name", item[name]["name"], subdomain_faults)
            else:
                yield required_value(f"{place}.{name}.name")
        if not sources:
            yield invalid_value(field, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(sources) > 1:
            yield invalid_value(field, "", "may not have more than one field specified at a time")
