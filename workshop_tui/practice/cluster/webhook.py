"""The workload identity webhook: what it puts into pods that ask for it by label.

After Azure/azure-workload-identity `pkg/webhook` (v1.5.1 and v1.6.0), whose order and oddities it keeps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object, ObjectStore

NAME = "mutation.azure-workload-identity.io"
_PREFIX = "azure.workload.identity/"
_USE = _PREFIX + "use"
_EXPIRATION = _PREFIX + "service-account-token-expiration"
_DEFAULT_SECONDS = 3600
_LONGEST_SECONDS = 86400
_AUDIENCE = "api://AzureADTokenExchange"
_SYSTEM_NAMESPACE = "kube-system"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the token is put: volume, mount and file; another with version 1.6 of the webhook."""

    volume: str
    mount: str
    path: str

    @property
    def file(self) -> str:
        """The token's path in the container."""
        return f"{self.mount}/{self.path}"


def layout_of(version: str, pod_name: str) -> Layout:
    """Return the layout of version `v1.5` or `v1.6`; `pod_name` goes into the latter's volume."""
    if version == "v1.5":
        return Layout("azure-identity-token", "/var/run/secrets/azure/tokens", "azure-identity-token")
    digest = hashlib.sha256(pod_name.encode()).hexdigest()[:30]
    volume = f"azure-workload-identity-reserved-{digest}"
    return Layout(volume, "/var/run/secrets/azure/wi", "token/azure-identity-token")


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook of one cluster.

    Attributes:
        tenant_id: the cluster's tenant, for accounts that name none.
        authority_host: the sign-in address with its trailing slash.
        version: the token layout, `v1.5` or `v1.6`.

    """

    objects: ObjectStore
    tenant_id: str
    authority_host: str
    version: str

    def admit(self, pod: Object) -> None:
        """Change the pod in place if its label asks for it; ApiError when the webhook refuses it."""
        metadata = pod["metadata"]
        if metadata.get("labels", {}).get(_USE) != "true" or metadata["namespace"] == _SYSTEM_NAMESPACE:
            return
        name = pod["spec"].get("serviceAccountName") or "default"
        account = self.objects.find("serviceaccounts", metadata["namespace"], name)
        if account is None:
            raise _denied(f'serviceaccounts "{name}" not found')
        annotations = metadata.get("annotations", {})
        account_annotations = account["metadata"].get("annotations", {})
        if _PREFIX + "inject-proxy-sidecar" in annotations:
            self._refuse_proxy(pod)
        seconds = _expiration(annotations, account_annotations)
        pod_name = metadata.get("name") or f"{metadata.get('generateName', '')} (prefix)"
        layout = layout_of(self.version, pod_name)
        variables = {
            "AZURE_CLIENT_ID": account_annotations.get(_PREFIX + "client-id", ""),
            "AZURE_TENANT_ID": account_annotations.get(_PREFIX + "tenant-id", self.tenant_id),
            "AZURE_FEDERATED_TOKEN_FILE": layout.file,
            "AZURE_AUTHORITY_HOST": self.authority_host,
        }
        _inject(pod["spec"], variables, layout, _skipped(annotations))
        _add_volume(pod["spec"], layout, seconds)

    @staticmethod
    def _refuse_proxy(pod: Object) -> None:
        """Refuse the sidecar: on the host's network as the webhook does, else as this node can't run it."""
        if pod["spec"].get("hostNetwork"):
            raise _denied("hostNetwork is set to true, cannot inject proxy sidecar")
        raise _denied("the practice cluster can't run the proxy sidecar of the workload identity webhook")


def _denied(why: str) -> ApiError:
    message = f'admission webhook "{NAME}" denied the request: {why}'
    return ApiError(400, "BadRequest", message)


def _expiration(pod: dict[str, str], account: dict[str, str]) -> int:
    text = pod.get(_EXPIRATION) or account.get(_EXPIRATION) or str(_DEFAULT_SECONDS)
    try:
        seconds = int(text)
    except ValueError:
        raise _denied(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if not _DEFAULT_SECONDS <= seconds <= _LONGEST_SECONDS:
        raise _denied(
            f"token expiration {seconds} not valid. "
            f"Expected value to be between {_DEFAULT_SECONDS} and {_LONGEST_SECONDS}"
        )
    return seconds


def _skipped(annotations: dict[str, str]) -> frozenset[str]:
    names = annotations.get(_PREFIX + "skip-containers", "").split(";")
    return frozenset(name.strip() for name in names if name.strip())


def _inject(spec: dict[str, Any], variables: dict[str, str], layout: Layout, skipped: frozenset[str]) -> None:
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        if container.get("name") in skipped:
            continue
        environment = container.setdefault("env", [])
        present = {item.get("name") for item in environment}
        for name, value in variables.items():
            if value and name not in present:
                environment.append({"name": name, "value": value})
        others = [mount for mount in container.get("volumeMounts", []) if mount.get("name") != layout.volume]
        mount = {"name": layout.volume, "readOnly": True, "mountPath": layout.mount}
        container["volumeMounts"] = [*others, mount]


def _add_volume(spec: dict[str, Any], layout: Layout, seconds: int) -> None:
    token = {"path": layout.path, "expirationSeconds": seconds, "audience": _AUDIENCE}
    volume = {"name": layout.volume, "projected": {"sources": [{"serviceAccountToken": token}]}}
    others = [each for each in spec.get("volumes", []) if each.get("name") != layout.volume]
    spec["volumes"] = [*others, volume]


def configuration(authority: str) -> Object:
    """Return the MutatingWebhookConfiguration that `kubectl get` shows while the feature is on."""
    service = {"name": "azure-wi-webhook-webhook-service", "namespace": _SYSTEM_NAMESPACE, "port": 443}
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
        "scope": "*",
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "azure-wi-webhook-mutating-webhook-configuration"},
        "webhooks": [
            {
                "name": NAME,
                "admissionReviewVersions": ["v1", "v1beta1"],
                "clientConfig": {"service": service | {"path": "/mutate-v1-pod"}, "caBundle": authority},
                "failurePolicy": "Fail",
                "matchPolicy": "Equivalent",
                "namespaceSelector": {},
                "objectSelector": {"matchLabels": {_USE: "true"}},
                "reinvocationPolicy": "IfNeeded",
                "rules": [rule],
                "sideEffects": "None",
                "timeoutSeconds": 10,
            }
        ],
    }
