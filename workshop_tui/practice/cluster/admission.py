"""The ServiceAccount admission plugin: every pod runs as an account that exists, with its token mounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import forbidden
from workshop_tui.practice.cluster.ports import SIMULATED
from workshop_tui.practice.cluster.resources import resource_named

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object, ObjectStore

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - where it is mounted
_VOLUME_PREFIX = "kube-api-access-"
_TOKEN_SECONDS = 3607
BUILT_IN_IMAGES = (
    "ghcr.io/azure-samples/aks-store-demo/",
    "mcr.microsoft.com/mirror/docker/library/rabbitmq:",
    "mcr.microsoft.com/oss/azure/workload-identity/",
)
"""What the names of images begin with that the node plays instead of pulling them."""


def mark_simulated(pod: Object) -> None:
    """Label a pod whose images are all built in, and no other: the label never survives a new image."""
    images = [container.get("image", "") for container in pod["spec"].get("containers", [])]
    labels = pod["metadata"].setdefault("labels", {})
    labels.pop(SIMULATED, None)
    if images and all(image.startswith(BUILT_IN_IMAGES) for image in images):
        labels[SIMULATED] = "true"


def admit_service_account(pod: Object, objects: ObjectStore, suffix: str) -> None:
    """Set the pod's ServiceAccount and mount its token, in place.

    `suffix` ends the volume's name. ApiError Forbidden when there is no such account.
    """
    spec = pod["spec"]
    metadata = pod["metadata"]
    name = spec.get("serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    account = objects.find("serviceaccounts", metadata["namespace"], name)
    if account is None:
        why = (
            f"error looking up service account {metadata['namespace']}/{name}: "
            f'serviceaccount "{name}" not found'
        )
        raise forbidden(resource_named("pods"), metadata.get("generateName") or metadata["name"], why)
    if "imagePullSecrets" not in spec and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = account["imagePullSecrets"]
    wanted = spec.get("automountServiceAccountToken", account.get("automountServiceAccountToken", True))
    if wanted:
        _mount_token(spec, _VOLUME_PREFIX + suffix)


def _mount_token(spec: dict[str, Any], volume: str) -> None:
    mounted = False
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        mounts = container.setdefault("volumeMounts", [])
        if not any(mount.get("mountPath") == TOKEN_PATH for mount in mounts):
            mounts.append({"name": volume, "readOnly": True, "mountPath": TOKEN_PATH})
            mounted = True
    if mounted:
        spec.setdefault("volumes", []).append({"name": volume, "projected": _token_sources()})


def _token_sources() -> dict[str, Any]:
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [namespace]}},
        ],
        "defaultMode": 420,
    }
