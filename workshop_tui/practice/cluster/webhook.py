"""The workload identity webhook: what it puts into pods that ask for it by label.

After Azure/azure-workload-identity `pkg/webhook` (v1.5.1 and v1.6.0), whose order and oddities it keeps
(facts/kubernetes.md 1.2). Like the real one it answers only while its own pods do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.controllers.pods import is_active, is_ready
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.webhook_proxy import InvalidPortError, add_proxy

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object, ObjectStore

NAME = "mutation.azure-workload-identity.io"
CONFIGURATION = "azure-wi-webhook-mutating-webhook-configuration"
SERVICE = "azure-wi-webhook-webhook-service"
_PATH, _TIMEOUT_SECONDS = "/mutate-v1-pod", 10
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


LAYOUTS = ("v1.5", "v1.6", "v1.6.1")
"""Versions of the webhook that put the token elsewhere than the one before (facts/kubernetes.md 1.3)."""


def layout_of(version: str, pod_name: str) -> Layout:
    """Return the layout of a version, one of LAYOUTS; `pod_name` goes into the names of the later ones."""
    if version == "v1.5":
        return Layout("azure-identity-token", "/var/run/secrets/azure/tokens", "azure-identity-token")
    digest = hashlib.sha256(pod_name.encode()).hexdigest()[:30]
    volume = f"azure-workload-identity-reserved-{digest}"
    folder = "" if version == "v1.6" else f"/{digest}"
    return Layout(volume, f"/var/run/secrets/azure/wi{folder}", "token/azure-identity-token")


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook of one cluster.

    Attributes:
        tenant_id: the cluster's tenant, for accounts that name none.
        authority_host: the sign-in address with its trailing slash.
        version: the token layout, one of LAYOUTS.

    """

    objects: ObjectStore
    tenant_id: str
    authority_host: str
    version: str

    def admit(self, pod: Object) -> None:
        """Change the pod in place if its label asks for it.

        Raises:
            ApiError: the webhook refuses the pod, or can't be asked (its failurePolicy is Fail).

        """
        metadata = pod["metadata"]
        if metadata.get("labels", {}).get(_USE) != "true" or metadata["namespace"] == _SYSTEM_NAMESPACE:
            return
        self._reach()
        name = pod["spec"].get("serviceAccountName") or "default"
        account = self.objects.find("serviceaccounts", metadata["namespace"], name)
        if account is None:
            raise _denied(f'serviceaccounts "{name}" not found')
        annotations = metadata.get("annotations", {})
        account_annotations = account["metadata"].get("annotations", {})
        if _PREFIX + "inject-proxy-sidecar" in annotations:
            _inject_proxy(pod["spec"], annotations, self.version)
        seconds = _expiration(annotations, account_annotations)
        layout = layout_of(self.version, _pod_name(metadata))
        variables = {
            "AZURE_CLIENT_ID": account_annotations.get(_PREFIX + "client-id", ""),
            "AZURE_TENANT_ID": account_annotations.get(_PREFIX + "tenant-id", self.tenant_id),
            "AZURE_FEDERATED_TOKEN_FILE": layout.file,
            "AZURE_AUTHORITY_HOST": self.authority_host,
        }
        _inject(pod["spec"], variables, layout, _skipped(annotations))
        _add_volume(pod["spec"], layout, seconds)

    def _reach(self) -> None:
        """Look for a pod that would answer, as the API server does when it calls a webhook's Service."""
        service = self.objects.find("services", _SYSTEM_NAMESPACE, SERVICE)
        if service is None:
            raise _unreachable(f'service "{SERVICE}" not found')
        pods = self.objects.list("pods", _SYSTEM_NAMESPACE, service["spec"].get("selector"))
        if not any(is_active(pod) and is_ready(pod) for pod in pods):
            raise _unreachable(f'no endpoints available for service "{SERVICE}"')


def _pod_name(metadata: Object) -> str:
    """Return the name the webhook sees: names are generated only after it was asked."""
    prefix = metadata.get("generateName", "")
    name = str(metadata.get("name") or prefix)
    return f"{prefix} (prefix)" if prefix and name.startswith(prefix) else name


def _unreachable(why: str) -> ApiError:
    url = f"https://{SERVICE}.{_SYSTEM_NAMESPACE}.svc:443{_PATH}?timeout={_TIMEOUT_SECONDS}s"
    text = f'failed calling webhook "{NAME}": failed to call webhook: Post "{url}": {why}'
    return ApiError(
        500, "InternalError", f"Internal error occurred: {text}", details={"causes": [{"message": text}]}
    )


def _inject_proxy(spec: Object, annotations: dict[str, str], version: str) -> None:
    """Add the proxy: the annotation's presence counts, whatever it says."""
    if spec.get("hostNetwork"):
        raise _denied("hostNetwork is set to true, cannot inject proxy sidecar")
    try:
        add_proxy(spec, annotations.get(_PREFIX + "proxy-sidecar-port"), version)
    except InvalidPortError as error:
        raise _denied(str(error)) from error


def _denied(why: str) -> ApiError:
    """Refuse as controller-runtime's `Errored(400, …)` arrives: with a status code and no reason."""
    message = f'admission webhook "{NAME}" denied the request: {why}'
    return ApiError(400, "", message)


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
    service = {"name": SERVICE, "namespace": _SYSTEM_NAMESPACE, "port": 443}
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
        "metadata": {
            "name": CONFIGURATION,
            "labels": {"azure-workload-identity.io/system": "true", "kubernetes.azure.com/managedby": "aks"},
        },
        "webhooks": [
            {
                "name": NAME,
                "admissionReviewVersions": ["v1", "v1beta1"],
                "clientConfig": {"service": service | {"path": _PATH}, "caBundle": authority},
                "failurePolicy": "Fail",
                "matchPolicy": "Equivalent",
                "namespaceSelector": {"matchExpressions": _NOT_OF_AKS},
                "objectSelector": {"matchLabels": {_USE: "true"}},
                "reinvocationPolicy": "IfNeeded",
                "rules": [rule],
                "sideEffects": "None",
                "timeoutSeconds": _TIMEOUT_SECONDS,
            }
        ],
    }


_NOT_OF_AKS = [
    {"key": "control-plane", "operator": "NotIn", "values": ["true"]},
    {"key": "kubernetes.azure.com/managedby", "operator": "NotIn", "values": ["aks"]},
]
"""What the Admissions Enforcer of AKS adds, so that no webhook sees kube-system; labels of it from memory."""
