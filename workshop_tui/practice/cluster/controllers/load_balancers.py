"""Gives Services of type LoadBalancer their addresses, as AKS's cloud controller does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from workshop_tui.practice.cluster.balancing import Balancer, Frontend
    from workshop_tui.practice.cluster.controllers.loop import Key
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import EventRecorder, Object

ADDRESS = "workshop-tui.dev/address"
"""Annotation of a Service whose own port can't be bound here: the URL at which it answers instead."""
_COMPONENT = "service-controller"


class LoadBalancers:
    """The service controller."""

    def __init__(
        self, objects: Objects, events: EventRecorder, balancer: Balancer, sites: dict[Key, str]
    ) -> None:
        """Take the URLs of Services that answer at a port of the practice cloud's own, too."""
        self._objects = objects
        self._events = events
        self._balancer = balancer
        self._sites = sites

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return a Service."""
        if resource == "services":
            yield object_["metadata"]["namespace"], object_["metadata"]["name"]

    def reconcile(self, key: Key) -> float | None:
        """Open or close the Service's frontend and write its external address."""
        service = self._objects.find("services", *key)
        if service is None or service["spec"]["type"] != "LoadBalancer":
            self._balancer.close(key)
            if service is not None:
                self._write(service, None)
            return None
        is_new = not (service.get("status", {}).get("loadBalancer") or {}).get("ingress")
        if is_new:
            self._tell(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer")
        ports = [port["port"] for port in service["spec"].get("ports", []) if port["protocol"] == "TCP"]
        frontend = self._balancer.open(key, ports)
        if frontend is None:
            why = "Error syncing load balancer: failed to ensure load balancer: no port is free here"
            self._tell(service, "Warning", "SyncLoadBalancerFailed", why)
            return None
        if not frontend.is_exact or ADDRESS in service["metadata"].get("annotations", {}):
            service = self._tell_address(service, frontend)
        self._write(service, frontend)
        if is_new:
            self._tell(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer")
        return None

    def _tell_address(self, service: Object, frontend: Frontend) -> Object:
        """Note the URL that works where the Service's own port does not; forget it where it does."""
        metadata = service["metadata"]
        annotations = {k: v for k, v in metadata.get("annotations", {}).items() if k != ADDRESS}
        if not frontend.is_exact:
            site = self._sites.get((metadata["namespace"], metadata["name"]))
            annotations[ADDRESS] = site or f"http://{frontend.ip}:{frontend.ports[0][1]}"
        if annotations == metadata.get("annotations", {}):
            return service
        metadata["annotations"] = annotations
        return self._objects.update("services", service)

    def _write(self, service: Object, frontend: Frontend | None) -> None:
        balancer: dict[str, Any] = {}
        if frontend is not None:
            entry: dict[str, Any] = {"ip": frontend.ip, "ipMode": "VIP"}
            if not frontend.is_exact:
                entry["ports"] = [{"port": real, "protocol": "TCP"} for _, real in frontend.ports]
            balancer = {"ingress": [entry]}
        self._objects.update_status("services", service | {"status": {"loadBalancer": balancer}})

    def _tell(self, service: Object, type_: Literal["Normal", "Warning"], reason: str, text: str) -> None:
        self._events.record(service, type_=type_, reason=reason, message=text, component=_COMPONENT)
