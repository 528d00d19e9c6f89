"""What a pod's specification requires, with the API server's texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import Fault
from workshop_tui.practice.cluster.quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_NAME_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SERVICE_ACCOUNT_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_HIGHEST_PORT = 65535
_TOKEN_SECONDS = (600, 1 << 32)


def pod_faults(spec: dict[str, Any], path: str) -> Iterator[Fault]:
    """Yield what is wrong with a pod's specification that stands at `path`."""
    account = spec.get("serviceAccountName", "")
    if account and not _SERVICE_ACCOUNT.fullmatch(account):
        yield _invalid(f"{path}.serviceAccountName", account, _SERVICE_ACCOUNT_TEXT)
    yield from _volume_faults(spec.get("volumes", []), path)
    volumes = {volume.get("name") for volume in spec.get("volumes", [])}
    if not spec.get("containers"):
        yield Fault("FieldValueRequired", f"{path}.containers", "Required value")
    seen: set[str] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(group, [])):
            yield from _container_faults(container, f"{path}.{group}[{index}]", volumes, seen)


def _invalid(field: str, value: object, why: str) -> Fault:
    shown = f'"{value}"' if isinstance(value, str) else value
    return Fault("FieldValueInvalid", field, f"Invalid value: {shown}: {why}")


def _required(field: str, why: str = "") -> Fault:
    return Fault("FieldValueRequired", field, f"Required value{': ' if why else ''}{why}")


def _duplicate(field: str, value: object) -> Fault:
    shown = f'"{value}"' if isinstance(value, str) else value
    return Fault("FieldValueDuplicate", field, f"Duplicate value: {shown}")


def _volume_faults(volumes: list[dict[str, Any]], path: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        where = f"{path}.volumes[{index}]"
        name = volume.get("name", "")
        if not name:
            yield _required(f"{where}.name")
        elif name in seen:
            yield _duplicate(f"{where}.name", name)
        seen.add(name)
        if len(volume) < 2:  # noqa: PLR2004 - its name and one source
            yield _required(where, "must specify a volume type")
        for place, source in enumerate(volume.get("projected", {}).get("sources", [])):
            token = source.get("serviceAccountToken")
            seconds = token and token.get("expirationSeconds", 3600)
            if token and seconds < _TOKEN_SECONDS[0]:
                field = f"{where}.projected.sources[{place}].serviceAccountToken.expirationSeconds"
                yield _invalid(field, seconds, "may not specify a duration less than 10 minutes")


def _container_faults(
    container: dict[str, Any], path: str, volumes: set[str | None], seen: set[str]
) -> Iterator[Fault]:
    name = container.get("name", "")
    if not name:
        yield _required(f"{path}.name")
    elif not _NAME.fullmatch(name):
        yield _invalid(f"{path}.name", name, _NAME_TEXT)
    elif name in seen:
        yield _duplicate(f"{path}.name", name)
    seen.add(name)
    image = container.get("image", "")
    if not image:
        yield _required(f"{path}.image")
    elif image != image.strip():
        yield _invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    policy = container.get("imagePullPolicy")
    if policy not in _PULL_POLICIES:
        supported = ", ".join(f'"{each}"' for each in _PULL_POLICIES)
        text = f'Unsupported value: "{policy}": supported values: {supported}'
        yield Fault("FieldValueNotSupported", f"{path}.imagePullPolicy", text)
    yield from _port_faults(container.get("ports", []), f"{path}.ports")
    for index, item in enumerate(container.get("env", [])):
        yield from _env_faults(item, f"{path}.env[{index}]")
    yield from _resource_faults(container.get("resources", {}), f"{path}.resources")
    yield from _mount_faults(container.get("volumeMounts", []), f"{path}.volumeMounts", volumes)


def _port_faults(ports: list[dict[str, Any]], path: str) -> Iterator[Fault]:
    for index, port in enumerate(ports):
        number = port.get("containerPort")
        if number is None:
            yield _required(f"{path}[{index}].containerPort")
        elif not 0 < number <= _HIGHEST_PORT:
            yield _invalid(f"{path}[{index}].containerPort", number, "must be between 1 and 65535, inclusive")


def _env_faults(item: dict[str, Any], path: str) -> Iterator[Fault]:
    if not item.get("name"):
        yield _required(f"{path}.name")
    elif "=" in item["name"]:
        yield _invalid(f"{path}.name", item["name"], "a valid environment variable name must not contain '='")
    source = item.get("valueFrom")
    if source is None:
        return
    if item.get("value"):
        yield _invalid(f"{path}.valueFrom", "", "may not be specified when `value` is not empty")
    if not source:
        why = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
        yield _invalid(f"{path}.valueFrom", "", why)
    if len(source) > 1:
        yield _invalid(f"{path}.valueFrom", "", "may not have more than one field specified at a time")


def _resource_faults(resources: dict[str, Any], path: str) -> Iterator[Fault]:
    limits = resources.get("limits", {})
    for name, request in resources.get("requests", {}).items():
        limit = limits.get(name)
        if limit is not None and parse_quantity(request) > parse_quantity(limit):
            why = f"must be less than or equal to {name} limit of {limit}"
            yield _invalid(f"{path}.requests", request, why)


def _mount_faults(mounts: list[dict[str, Any]], path: str, volumes: set[str | None]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        name, target = mount.get("name", ""), mount.get("mountPath", "")
        if name not in volumes:
            yield Fault("FieldValueNotFound", f"{path}[{index}].name", f'Not found: "{name}"')
        if not target:
            yield _required(f"{path}[{index}].mountPath")
        elif target in seen:
            yield _invalid(f"{path}[{index}].mountPath", target, "must be unique")
        seen.add(target)
