"""A refusal names what to ask for: which role, of whom, in the words that a cluster's administrator needs."""

from __future__ import annotations

import json

import pytest

from workshop_tui.cloud.errors import RefusedError, refusal_of, unreadable

POD = "system:serviceaccount:default:default"
ADMINISTRATOR = "Ask the cluster's administrator"
PETS = "in the namespace pets: the role Azure Kubernetes Service RBAC"


def cluster_says(act: str, resource: str, where: str = 'in the namespace "pets"') -> str:
    """Return an API server's Status."""
    words = f'User "{POD}" cannot {act} resource "{resource}" in API group "" {where}'
    return json.dumps({"kind": "Status", "message": f"it is forbidden: {words}", "reason": "Forbidden"})


def azure_says(action: str) -> str:
    """Return Resource Manager's envelope."""
    words = f"The client does not have authorization to perform action '{action}' over scope '/x'"
    return json.dumps({"error": {"code": "AuthorizationFailed", "message": words}})


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (
            cluster_says("list", "pods"),
            f"{ADMINISTRATOR} to let {POD} list pods {PETS} Reader, or in the cluster itself view.",
        ),
        (
            cluster_says("create", "pods/proxy"),
            f"{ADMINISTRATOR} to let {POD} create pods/proxy {PETS} Writer, or in the cluster itself edit.",
        ),
        (
            cluster_says("list", "nodes", "at the cluster scope"),
            f"{ADMINISTRATOR} for a ClusterRole with which {POD} can list nodes.",
        ),
        (
            azure_says("Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"),
            "Ask for the role Azure Kubernetes Service Cluster User Role on the cluster.",
        ),
        (azure_says("Microsoft.ContainerService/managedClusters/read"), ""),
    ],
)
def test_the_role_to_ask_for_is_named(body: str, remedy: str) -> None:
    found = unreadable("the thing", RefusedError(refusal_of(403, body)))
    assert (found.cause, found.remedy) == ("reading.no-permission", remedy)
