"""The pods and Service of the workload identity webhook, there while the feature is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

NAMESPACE = "kube-system"
DEPLOYMENT = "azure-wi-webhook-controller-manager"
SERVICE = "azure-wi-webhook-webhook-service"
_IMAGE = "mcr.microsoft.com/oss/azure/workload-identity/webhook"
_LABELS = {"azure-workload-identity.io/system": "true", "app": "workload-identity-webhook"}


def webhook_manifests(version: str) -> list[Object]:
    """Return the manifests for the webhook's version, such as `v1.5`."""
    container = {
        "name": "manager",
        "image": f"{_IMAGE}:{version}.1" if version == "v1.5" else f"{_IMAGE}:{version}.0",
        "ports": [{"containerPort": 9443, "name": "webhook-server"}],
        "resources": {"requests": {"cpu": "100m", "memory": "20Mi"}},
    }
    metadata = {"namespace": NAMESPACE, "labels": _LABELS}
    template = {"metadata": {"labels": _LABELS}, "spec": {"containers": [container]}}
    spec = {"replicas": 2, "selector": {"matchLabels": _LABELS}, "template": template}
    ports = [{"port": 443, "targetPort": 9443}]
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata | {"name": DEPLOYMENT},
            "spec": spec,
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata | {"name": SERVICE},
            "spec": {"ports": ports, "selector": _LABELS},
        },
    ]
