"""Whether the app's Service leads to its pods, and to no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.judgement.pods import Trouble
from workshop_tui.judgement.probes import APP_PORT
from workshop_tui.model import Absent, AppService, Pods

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workshop_tui.model import Pod, Unreadable


def service_trouble(
    service: AppService | Absent | Unreadable, pods: Pods | Absent | Unreadable
) -> Trouble | None:
    """Return why no request reaches the pods, though one of them is ready; None: it is not the Service."""
    if isinstance(service, Absent):
        return Trouble(service.cause, service.detail or f"Not there: {service.what}")
    if not isinstance(service, AppService) or not isinstance(pods, Pods):
        return None
    ready = [pod for pod in pods.running if pod.ready]
    words = next(_faults(service, ready), "") if ready else ""
    return Trouble("app.service-mismatch", words) if words else None


def foreign_endpoints(
    service: AppService | Absent | Unreadable, pods: Pods | Absent | Unreadable
) -> Trouble | None:
    """Return why a good answer may not be the app's own: the Service leads elsewhere; None: it is its own."""
    if not isinstance(service, AppService) or not isinstance(pods, Pods):
        return None
    own = [pod for pod in pods.running if pod.ready and selects(service.selector, pod.spec.labels)]
    if service.strangers:
        names = {name for name, _ in service.strangers}
        whom = "to others, too" if any(pod.name not in names for pod in own) else "to others"
        others = f"{', '.join(sorted(names))}, not of the Deployment {service.name}"
        return Trouble("app.service-mismatch", f"Service {service.name} sends {whom}: {others}")
    if not service.selector:
        words = f"Service {service.name} selects no pods: what answers there has endpoints made by hand"
        return Trouble("app.service-mismatch", words)
    return None


def _faults(service: AppService, ready: list[Pod]) -> Iterator[str]:
    reached = [pod for pod in ready if selects(service.selector, pod.spec.labels)]
    name = f"Service {service.name}"
    if not reached:
        wanted = _pairs(service.selector) or "nothing"
        keys = [key for key in service.selector if key in ready[0].spec.labels]
        has = _pairs({key: ready[0].spec.labels[key] for key in keys}) or "none of these labels"
        yield f"{name} selects pods with {wanted}; the ready pod {ready[0].name} has {has}"
        return
    port = next((item for item in service.ports if item.number == APP_PORT), None)
    if port is None:
        there = ", ".join(str(item.number) for item in service.ports) or "none"
        yield f"{name} has no port {APP_PORT}; its ports: {there}"
        return
    containers = [container for pod in reached for container in pod.spec.containers if not container.init]
    numbers = {str(number) for container in containers for number in container.ports}
    names = {port_name for container in containers for port_name in container.port_names}
    # What a container declares binds nobody: only a number that is not the app's own is taken for wrong.
    known = names if not port.target.isdigit() else {*numbers, str(APP_PORT)}
    if port.target not in known:
        declared = ", ".join(sorted({*numbers, *names})) or "none"
        yield f"{name} sends port {APP_PORT} to {port.target} of its pods, which have the ports {declared}"


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Say whether a Service's selector fits a pod; an empty one fits none."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _pairs(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
