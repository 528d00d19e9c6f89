"""The world of a new practice cluster: as the AKS quickstart leaves it to a learner."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.resources import resource_of_kind
from workshop_tui.practice.cluster.seed.node import node_manifest
from workshop_tui.practice.cluster.seed.shop import store_manifests

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.controllers.cleaning import Namespaces
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.writing import Writer

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_SYSTEM_LABELS = {
    "addonmanager.kubernetes.io/mode": "Reconcile",
    "control-plane": "true",
    "kubernetes.azure.com/managedby": "aks",
    "kubernetes.io/cluster-service": "true",
}
"""Of kube-system on AKS; the namespace selectors of its webhooks go by them."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def seed_system(objects: Objects, writer: Writer, namespaces: Namespaces) -> None:
    """Create namespaces, node and the API server's own Service, each if it is missing."""
    for name in NAMESPACES:
        if objects.find("namespaces", "", name) is None:
            metadata: Object = {"name": name}
            if name == "kube-system":
                metadata["labels"] = _SYSTEM_LABELS
            _create(writer, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        namespaces.fill(name)
    node = node_manifest()
    if objects.find("nodes", "", node["metadata"]["name"]) is None:
        objects.create("nodes", node)
    if objects.find("services", "default", "kubernetes") is None:
        labels = {"component": "apiserver", "provider": "kubernetes"}
        port = {"name": "https", "port": 443, "targetPort": 443, "protocol": "TCP"}
        metadata = {"name": "kubernetes", "namespace": "default", "labels": labels}
        spec = {"clusterIP": "10.0.0.1", "ports": [port]}
        _create(writer, {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})


def seed_store(objects: Objects, writer: Writer, *, endpoint: str, deployment: str, api_key: str) -> None:
    """Apply the store's manifests, the AI service's key in plain sight, each if it is missing."""
    for manifest in store_manifests(endpoint=endpoint, deployment=deployment, api_key=api_key):
        resource = resource_of_kind(manifest["apiVersion"], manifest["kind"])
        if resource and objects.find(resource.name, "default", manifest["metadata"]["name"]) is None:
            _create(writer, _as_applied(manifest))


def _as_applied(manifest: Object) -> Object:
    """Return the manifest with the annotation that `kubectl apply` leaves on what it makes."""
    applied = copy.deepcopy(manifest)
    applied["metadata"] |= {"namespace": "default", "annotations": {}}
    text = json.dumps(applied, separators=(",", ":"), sort_keys=True) + "\n"
    applied["metadata"]["annotations"] = {LAST_APPLIED: text}
    return applied


def _create(writer: Writer, object_: Object) -> Object:
    resource = resource_of_kind(object_["apiVersion"], object_["kind"])
    if resource is None:
        raise LookupError(object_["kind"])
    return writer.create(resource, object_["metadata"].get("namespace", ""), object_)
