"""The kubeconfig that the cluster user gets."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from workshop_tui.practice.context import Practice


def user_kubeconfig(practice: Practice, token: str) -> str:
    """Return the YAML that `az aks get-credentials` would write: one cluster, one user, one context."""
    cluster = practice.names.cluster_name
    user = f"clusterUser_{practice.names.resource_group}_{cluster}"
    authority = base64.b64encode(practice.ca_file.read_bytes()).decode("ascii")
    address = {"certificate-authority-data": authority, "server": practice.addresses.kubernetes}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster, "cluster": address}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": user}}],
        "current-context": cluster,
        "preferences": {},
        "users": [{"name": user, "user": {"token": token}}],
    }
    text: str = yaml.safe_dump(document, sort_keys=False)
    return text
