"""The one node, as AKS would show a Standard_DS2_v2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.discovery import VERSION

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

NAME = "aks-nodepool1-31718369-vmss000000"
ADDRESS = "10.224.0.4"
_MADE = "2025-07-16T00:00:00Z"


def _condition(type_: str, status: str, reason: str, message: str) -> dict[str, Any]:
    times = {"lastHeartbeatTime": _MADE, "lastTransitionTime": _MADE}
    return {"type": type_, "status": status, "reason": reason, "message": message} | times


def node_manifest() -> Object:
    """Return the node; its cpu is what the scheduler gives out."""
    labels = {
        "agentpool": "nodepool1",
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.azure.com/agentpool": "nodepool1",
        "kubernetes.azure.com/mode": "system",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": NAME,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "Standard_DS2_v2",
        "topology.kubernetes.io/region": "eastus",
        "topology.kubernetes.io/zone": "0",
    }
    room = {"cpu": "2", "memory": "7097612Ki", "pods": "110", "ephemeral-storage": "129886128Ki"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NAME, "labels": labels, "annotations": {"workshop-tui.dev/practice": "true"}},
        "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": ADDRESS},
                {"type": "Hostname", "address": NAME},
            ],
            "capacity": room,
            "allocatable": room | {"cpu": "1900m", "memory": "5160140Ki"},
            "conditions": [
                _condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "enough memory"),
                _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "no disk pressure"),
                _condition("PIDPressure", "False", "KubeletHasSufficientPID", "enough process ids"),
                _condition("Ready", "True", "KubeletReady", "the practice kubelet is posting ready status"),
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": "",
                "containerRuntimeVersion": "practice://1",
                "kernelVersion": "practice",
                "kubeProxyVersion": "",
                "kubeletVersion": VERSION["gitVersion"],
                "machineID": "",
                "operatingSystem": "linux",
                "osImage": "workshop-tui practice node",
                "systemUUID": "",
            },
        },
    }
