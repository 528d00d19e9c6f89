"""What probes and lifecycle hooks require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.validating.faults import (
    forbidden_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.validating.names import port_or_name_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_ONE_SUCCESS = ("livenessProbe", "startupProbe")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def probes_faults(container: dict[str, Any], field: str) -> Iterator[Fault]:
    """Yield what is wrong with the probes and hooks of a container that may have them."""
    for hook in ("postStart", "preStop"):
        handler = container.get("lifecycle", {}).get(hook)
        if handler is not None:
            yield from _handler_faults(handler, f"{field}.lifecycle.{hook}")
    for name in PROBES:
        probe = container.get(name)
        if probe is not None:
            yield from _probe_faults(name, probe, f"{field}.{name}")


def no_probes_faults(container: dict[str, Any], field: str) -> Iterator[Fault]:
    """Yield the probes and hooks of an init container, which may have none."""
    for name in ("lifecycle", *PROBES):
        if name in container:
            why = "may not be set for init containers without restartPolicy=Always"
            yield forbidden_value(f"{field}.{name}", why)


def _probe_faults(name: str, probe: dict[str, Any], field: str) -> Iterator[Fault]:
    yield from _handler_faults(probe, field)
    for number in _NUMBERS:
        if probe.get(number, 0) < 0:
            yield invalid_value(f"{field}.{number}", probe[number], "must be greater than or equal to 0")
    if name in _ONE_SUCCESS and probe.get("successThreshold") != 1:
        yield invalid_value(f"{field}.successThreshold", probe.get("successThreshold", 0), "must be 1")


def _handler_faults(handler: dict[str, Any], field: str) -> Iterator[Fault]:
    given = [name for name in _HANDLERS if name in handler]
    if not given:
        yield required_value(field, "must specify a handler type")
    for extra in given[1:]:
        yield forbidden_value(f"{field}.{extra}", "may not specify more than 1 handler type")
    for name in given[:1]:
        yield from _action_faults(name, handler[name], f"{field}.{name}")


def _action_faults(name: str, action: dict[str, Any], field: str) -> Iterator[Fault]:
    match name:
        case "exec":
            if not action.get("command"):
                yield required_value(f"{field}.command")
        case "httpGet":
            yield from port_or_name_faults(f"{field}.port", action.get("port", 0))
            if action.get("scheme") not in {"HTTP", "HTTPS"}:
                yield unsupported_value(f"{field}.scheme", action.get("scheme", ""), ["HTTP", "HTTPS"])
        case "tcpSocket" | "grpc":
            yield from port_or_name_faults(f"{field}.port", action.get("port", 0))
        case _:
            pass
