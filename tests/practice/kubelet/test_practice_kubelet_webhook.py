"""The workload identity webhook in a running cluster: what it adds, refuses, and what its absence means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from aks_world import deployment, pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aks_world import Aks

USE = {"azure.workload.identity/use": "true"}
IMAGE = "ghcr.io/azure-samples/aks-store-demo/product-service:latest"
NOBODY_THERE = (
    'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": failed to call '
    'webhook: Post "https://azure-wi-webhook-webhook-service.kube-system.svc:443/mutate-v1-pod?timeout=10s": '
    'no endpoints available for service "azure-wi-webhook-webhook-service"'
)


@pytest.fixture
def webhook_down(aks: Aks) -> Iterator[None]:
    """The webhook scaled to nothing, and back again."""
    aks.scale_webhook(0)
    yield
    aks.scale_webhook(2)


def test_configuration_is_seen(aks: Aks) -> None:
    hooks = aks.get("mutatingwebhookconfiguration/azure-wi-webhook-mutating-webhook-configuration")[
        "webhooks"
    ]
    assert [hook["failurePolicy"] for hook in hooks] == ["Fail"]
    assert hooks[0]["objectSelector"] == {"matchLabels": USE}
    listed = aks.kubectl("get", "pods", "-n", "kube-system")
    assert listed.count("azure-wi-webhook-controller-manager-") == 2


def test_describe_shows_what_was_put_in(aks: Aks) -> None:
    aks.apply(pod("injected", IMAGE, labels=USE))
    aks.await_ready("pod/injected")
    shown = aks.kubectl("describe", "pod", "injected")
    for name in ("AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST"):
        assert f"{name}:" in shown
    assert "AZURE_CLIENT_ID" not in shown  # the account has no annotation
    assert "/var/run/secrets/azure/tokens from azure-identity-token (ro)" in shown
    assert "TokenExpirationSeconds:  3600" in shown
    aks.kubectl("delete", "pod", "injected")


def test_pods_of_kube_system_are_left_alone(aks: Aks) -> None:
    aks.kubectl(
        "apply", "-n", "kube-system", "-f", "-", stdin=yaml.safe_dump(pod("alone", IMAGE, labels=USE))
    )
    assert "AZURE_" not in json.dumps(aks.get("pod/alone", "-n", "kube-system")["spec"])
    aks.kubectl("delete", "pod", "alone", "-n", "kube-system")


@pytest.mark.parametrize(
    ("annotation", "value", "words"),
    [
        (
            "service-account-token-expiration",
            "600",
            "token expiration 600 not valid. Expected value to be between 3600 and 86400",
        ),
        ("service-account-token-expiration", "soon", 'strconv.ParseInt: parsing "soon": invalid syntax'),
        ("proxy-sidecar-port", "many", 'strconv.ParseInt: parsing "many": invalid syntax'),
    ],
)
def test_annotations_that_mean_nothing_are_refused(aks: Aks, annotation: str, value: str, words: str) -> None:
    refused = pod("refused", IMAGE, labels=USE)
    marks = {f"azure.workload.identity/{annotation}": value}
    refused["metadata"]["annotations"] = {"azure.workload.identity/inject-proxy-sidecar": "true", **marks}
    told = aks.kubectl("create", "-f", "-", stdin=yaml.safe_dump(refused), fails=True)
    denied = 'admission webhook "mutation.azure-workload-identity.io" denied the request'
    assert told == f'Error from server: error when creating "STDIN": {denied}: {words}\n'


@pytest.mark.usefixtures("webhook_down")
def test_without_the_webhook_no_labelled_pod_comes_to_be(aks: Aks) -> None:
    labelled = yaml.safe_dump(pod("labelled", IMAGE, labels=USE))
    told = aks.kubectl("create", "-f", "-", stdin=labelled, fails=True)
    assert told == f'Error from server (InternalError): error when creating "STDIN": {NOBODY_THERE}\n'
    aks.apply(pod("unlabelled", IMAGE))
    aks.kubectl("delete", "pod", "unlabelled")


def test_replica_set_heals_by_itself_once_the_webhook_is_back(aks: Aks) -> None:
    aks.scale_webhook(0)
    aks.apply(deployment("healing", IMAGE, labels=USE))
    aks.await_value("deployment/healing", '.status.conditions[?(@.type=="ReplicaFailure")].status', "True")
    (set_,) = aks.get("replicasets", "-l", "app=healing")["items"]
    listed = aks.events(f"replicaset/{set_['metadata']['name']}", "FailedCreate")
    assert f"Error creating: {NOBODY_THERE}" in listed
    aks.scale_webhook(2)
    aks.kubectl("rollout", "status", "deployment/healing", "--timeout=40s")
    conditions = aks.get("deployment/healing")["status"]["conditions"]
    assert "ReplicaFailure" not in [each["type"] for each in conditions]
    aks.kubectl("delete", "deployment", "healing")


def test_without_its_service_the_webhook_can_not_be_called(aks: Aks) -> None:
    where = ("-n", "kube-system")
    name = "service/azure-wi-webhook-webhook-service"
    service = aks.get(name, *where)
    aks.kubectl("delete", name, *where)
    labelled = yaml.safe_dump(pod("labelled", IMAGE, labels=USE))
    told = aks.kubectl("create", "-f", "-", stdin=labelled, fails=True)
    assert told.endswith('?timeout=10s": service "azure-wi-webhook-webhook-service" not found\n')
    for field in ("resourceVersion", "uid", "creationTimestamp"):
        del service["metadata"][field]
    aks.kubectl("create", "-f", "-", stdin=json.dumps(service))
    aks.until(bool, "get", "endpoints/azure-wi-webhook-webhook-service", *where, "-o", "jsonpath={.subsets}")


def test_proxy_is_put_in_and_can_not_be_pulled_here(aks: Aks) -> None:
    proxied = pod("proxied", IMAGE, labels=USE)
    proxied["metadata"]["annotations"] = {"azure.workload.identity/inject-proxy-sidecar": "false"}
    aks.apply(proxied)
    aks.shows("Init:ImagePullBackOff", "get", "pod", "proxied")
    described = aks.kubectl("describe", "pod", "proxied")
    assert "lookup mcr.microsoft.com: no such host" in described
    assert "--proxy-port=8000" in described
    aks.kubectl("delete", "pod", "proxied", "--grace-period=0", "--force")
