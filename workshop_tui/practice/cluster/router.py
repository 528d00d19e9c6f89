"""The cluster's network: from a Service to the loopback address of one of its ready pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.controllers.endpoints import target_port
from workshop_tui.practice.cluster.controllers.pods import is_active, is_ready

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import ObjectStore, PodRuntime


class Router:
    """The ServiceRouter; takes turns among the pods of a Service."""

    def __init__(self, objects: ObjectStore, runtime: PodRuntime) -> None:
        self._objects = objects
        self._runtime = runtime
        self._turn = 0

    def resolve(self, namespace: str, service: str, port: int | str) -> tuple[str, int] | None:
        """Return the loopback address of one ready pod behind a Service's port (number or name), or None."""
        found = self._objects.find("services", namespace, service)
        if found is None or not found["spec"].get("selector"):
            return None
        ports = found["spec"].get("ports", [])
        wanted = next((each for each in ports if port in (each["port"], each.get("name"))), None)
        if wanted is None:
            return None
        pods = self._objects.list("pods", namespace, found["spec"]["selector"])
        addresses = []
        for pod in pods:
            number = target_port(pod, wanted)
            if is_active(pod) and is_ready(pod) and number is not None:
                address = self._runtime.address(namespace, pod["metadata"]["name"], number)
                if address:
                    addresses.append(address)
        if not addresses:
            return None
        self._turn += 1
        return addresses[self._turn % len(addresses)]
