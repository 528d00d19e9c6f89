"""Keeps the addresses behind each Service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.controllers.pods import is_active, is_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.controllers.loop import Key
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object


class Endpoints:
    """The endpoints controller."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return a Service, or those that select a pod."""
        metadata = object_["metadata"]
        if resource == "services":
            yield metadata["namespace"], metadata["name"]
        elif resource == "pods":
            labels = metadata.get("labels", {}).items()
            for service in self._objects.view("services", metadata["namespace"]):
                selector = service["spec"].get("selector")
                if selector and selector.items() <= labels:
                    yield metadata["namespace"], service["metadata"]["name"]

    def reconcile(self, key: Key) -> float | None:
        """Write the Service's Endpoints and EndpointSlice; remove them when it is gone."""
        namespace, name = key
        service = self._objects.find("services", namespace, name)
        if service is None:
            for resource in ("endpoints", "endpointslices"):
                if self._objects.find(resource, namespace, name):
                    self._objects.delete(resource, namespace, name)
            return None
        selector = service["spec"].get("selector")
        if not selector:
            return None
        pods = [pod for pod in self._objects.list("pods", namespace, selector) if _has_address(pod)]
        metadata = _metadata(service)
        self._put("endpoints", endpoints_of(service, pods) | {"metadata": metadata})
        self._put("endpointslices", slice_of(service, pods) | {"metadata": metadata})
        return None

    def _put(self, resource: str, wanted: Object) -> None:
        metadata = wanted["metadata"]
        current = self._objects.find(resource, metadata["namespace"], metadata["name"])
        if current is None:
            self._objects.create(resource, wanted)
        else:
            self._objects.replace(resource, wanted)


def _metadata(service: Object) -> dict[str, Any]:
    source = service["metadata"]
    owner = {"apiVersion": "v1", "kind": "Service", "name": source["name"], "uid": source["uid"]}
    return {
        "name": source["name"],
        "namespace": source["namespace"],
        "labels": source.get("labels", {}) | {"kubernetes.io/service-name": source["name"]},
        "ownerReferences": [owner | {"controller": True, "blockOwnerDeletion": True}],
    }


def _has_address(pod: Object) -> bool:
    return is_active(pod) and bool(pod.get("status", {}).get("podIP"))


def target_port(pod: Object, port: dict[str, Any]) -> int | None:
    """Return the container port that a Service's port leads to, None when the pod has none of that name."""
    target = port["targetPort"]
    if isinstance(target, int):
        return target
    declared = [each for container in pod["spec"]["containers"] for each in container.get("ports", [])]
    return next((each["containerPort"] for each in declared if each.get("name") == target), None)


def _ports(service: Object, pods: list[Object]) -> list[dict[str, Any]]:
    ports = []
    for port in service["spec"].get("ports", []):
        number = next(filter(None, (target_port(pod, port) for pod in pods)), None)
        if number is not None:
            name = {"name": port["name"]} if "name" in port else {}
            ports.append(name | {"port": number, "protocol": port["protocol"]})
    return ports


def _target(pod: Object) -> dict[str, Any]:
    metadata = pod["metadata"]
    return {"kind": "Pod"} | {key: metadata[key] for key in ("namespace", "name", "uid")}


def endpoints_of(service: Object, pods: list[Object]) -> Object:
    """Return the Endpoints of a Service: ready addresses apart from others."""
    object_: Object = {"kind": "Endpoints", "apiVersion": "v1"}
    if not pods:
        return object_
    subset: dict[str, Any] = {}
    for field, wanted in (("addresses", True), ("notReadyAddresses", False)):
        addresses = [
            {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}
            for pod in pods
            if is_ready(pod) is wanted
        ]
        if addresses:
            subset[field] = addresses
    return object_ | {"subsets": [subset | {"ports": _ports(service, pods)}]}


def slice_of(service: Object, pods: list[Object]) -> Object:
    """Return the EndpointSlice of a Service."""
    return {
        "kind": "EndpointSlice",
        "apiVersion": "discovery.k8s.io/v1",
        "addressType": "IPv4",
        "endpoints": [
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": is_ready(pod), "serving": is_ready(pod), "terminating": False},
                "nodeName": pod["spec"]["nodeName"],
                "targetRef": _target(pod),
            }
            for pod in pods
        ],
        "ports": [{"name": ""} | port for port in _ports(service, pods)],  # kubectl dereferences the name
    }
