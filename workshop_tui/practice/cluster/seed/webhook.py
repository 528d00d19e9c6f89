"""The pods and Service of the workload identity webhook, there while the feature is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.webhook import SERVICE
from workshop_tui.practice.cluster.webhook_proxy import image_of

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

NAMESPACE = "kube-system"
DEPLOYMENT = "azure-wi-webhook-controller-manager"
_LABELS = {"azure-workload-identity.io/system": "true", "app": "workload-identity-webhook"}


def webhook_manifests(version: str) -> list[Object]:
    """Return the manifests for the webhook's version, such as `v1.5`; the probes are those of its chart."""
    container = {
        "name": "manager",
        "image": image_of("webhook", version),
        "ports": [
            {"containerPort": 9443, "name": "webhook-server"},
            {"containerPort": 8095, "name": "metrics"},
            {"containerPort": 9440, "name": "healthz"},
        ],
        "livenessProbe": {
            "httpGet": {"path": "/healthz", "port": "healthz"},
            "initialDelaySeconds": 15,
            "periodSeconds": 20,
            "failureThreshold": 6,
        },
        "readinessProbe": {
            "httpGet": {"path": "/readyz", "port": "healthz"},
            "initialDelaySeconds": 5,
            "periodSeconds": 5,
        },
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
