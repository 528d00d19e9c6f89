"""Addresses and node ports of Services."""

from __future__ import annotations

import ipaddress
import random
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import Fault, invalid
from workshop_tui.practice.cluster.resources import resource_named

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object, ObjectStore

NETWORK = ipaddress.ip_network("10.0.0.0/16")
"""The range AKS gives Services by default."""
_NODE_PORTS = range(30000, 32768)
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def allocate(service: Object, objects: ObjectStore, current: Object | None) -> None:
    """Give the Service its cluster address and node ports, in place; `current` is what it replaces."""
    spec = service["spec"]
    if spec["type"] == "ExternalName":
        return
    others = [each["spec"] for each in objects.list("services")]
    if current and "clusterIP" in current["spec"]:
        address = current["spec"]["clusterIP"]
        if spec.get("clusterIP", address) != address:
            text = f'Invalid value: "{spec["clusterIP"]}": may not change once set'
            fault = Fault("FieldValueInvalid", "spec.clusterIPs[0]", text)
            raise invalid(resource_named("services"), service["metadata"]["name"], [fault])
        spec["clusterIP"] = address
    spec.setdefault("clusterIP", _free_address({each.get("clusterIP") for each in others}))
    spec["clusterIPs"] = [spec["clusterIP"]]
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["type"] in _WITH_NODE_PORTS:
        _give_node_ports(spec, others, current)


def _free_address(taken: set[str | None]) -> str:
    while True:
        offset = random.randrange(256, NETWORK.num_addresses - 1)  # noqa: S311 - an address is no secret
        address = str(NETWORK[offset])
        if address not in taken:
            return address


def _give_node_ports(spec: Object, others: list[Object], current: Object | None) -> None:
    before = {
        (port.get("port"), port["protocol"]): port["nodePort"]
        for port in (current or {"spec": {}})["spec"].get("ports", [])
        if "nodePort" in port
    }
    taken = {port.get("nodePort") for other in others for port in other.get("ports", [])}
    for port in spec.get("ports", []):
        kept = before.get((port.get("port"), port["protocol"]))
        if "nodePort" not in port:
            free = [number for number in _NODE_PORTS if number not in taken]
            port["nodePort"] = kept or random.choice(free)  # noqa: S311 - a port is no secret
            taken.add(port["nodePort"])
