"""Pods that find no node, in the scheduler's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aks_world import pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aks_world import Aks

IMAGE = "ghcr.io/azure-samples/aks-store-demo/product-service:latest"
UNHELPFUL = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
NO_VICTIMS = "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
NO_MATCH = "1 node(s) didn't match Pod's node affinity/selector"
MESSAGE = 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}'


def affinity(operator: str, *values: str) -> dict[str, Any]:
    expression = {"key": "agentpool", "operator": operator, "values": list(values)}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


@pytest.fixture(autouse=True)
def _tidy(aks: Aks) -> Iterator[None]:
    yield
    aks.kubectl("delete", "pod", "-l", "app=placed", "--wait=false")


def is_refused(aks: Aks, why: str) -> None:
    printed = aks.until(bool, "get", "pod", "placed", "-o", MESSAGE)
    assert printed == f"0/1 nodes are available: {why}"
    assert "0/1     Pending" in aks.kubectl("get", "pod", "placed")
    assert printed in aks.events("pod/placed", "FailedScheduling")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"nodeSelector": {"disk": "ssd"}}, f"{NO_MATCH}. {UNHELPFUL}"),
        (affinity("NotIn", "nodepool1"), f"{NO_MATCH}. {UNHELPFUL}"),
    ],
    ids=["selector", "affinity"],
)
def test_no_node_matches(aks: Aks, spec: dict[str, Any], why: str) -> None:
    aks.apply(pod("placed", IMAGE, spec=spec))
    is_refused(aks, why)


@pytest.mark.parametrize(
    ("requests", "why"),
    [
        ({"cpu": "3"}, f"1 Insufficient cpu. {NO_VICTIMS}"),
        ({"memory": "9Gi"}, f"1 Insufficient memory. {NO_VICTIMS}"),
        ({"cpu": "3", "memory": "9Gi"}, f"1 Insufficient cpu, 1 Insufficient memory. {NO_VICTIMS}"),
    ],
    ids=["cpu", "memory", "both"],
)
def test_too_little_room(aks: Aks, requests: dict[str, str], why: str) -> None:
    aks.apply(pod("placed", IMAGE, resources={"requests": requests}))
    is_refused(aks, why)


def test_taint_and_its_toleration(aks: Aks) -> None:
    node = aks.kubectl("get", "node", "-o", "name").strip().partition("/")[2]
    aks.kubectl("taint", "node", node, "team=blue:NoSchedule")
    try:
        aks.apply(pod("placed", IMAGE))
        is_refused(aks, f"1 node(s) had untolerated taint {{team: blue}}. {UNHELPFUL}")
        tolerations = [{"key": "team", "value": "blue", "effect": "NoSchedule"}]
        tolerant = pod("tolerant", IMAGE, spec={"tolerations": tolerations})
        aks.apply(tolerant)
        aks.await_ready("pod/tolerant")
        aks.kubectl("delete", "pod", "tolerant")
    finally:
        aks.kubectl("taint", "node", node, "team-")
    aks.await_ready("pod/placed")  # it is tried again when the node has changed


def test_cordon(aks: Aks) -> None:
    node = aks.kubectl("get", "node", "-o", "name").strip()
    aks.kubectl("cordon", node)
    try:
        aks.apply(pod("placed", IMAGE))
        is_refused(aks, f"1 node(s) were unschedulable. {UNHELPFUL}")
        assert "Ready,SchedulingDisabled" in aks.kubectl("get", "nodes")
    finally:
        aks.kubectl("uncordon", node)
    aks.await_ready("pod/placed")
