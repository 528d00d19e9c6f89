"""The workload identity webhook: its order and its oddities, each as its authors' code has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from workshop_tui.practice.cluster.objects import Objects
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.webhook import SERVICE, Webhook
from workshop_tui.practice.context import Clock
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workshop_tui.practice.cluster.ports import Object

    Admit = Callable[..., Object]

PREFIX = "azure.workload.identity/"
FILE = "/var/run/secrets/azure/tokens/azure-identity-token"


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    """An object store with one ServiceAccount, `app`."""
    store = Store(tmp_path / "store.sqlite")
    made = Objects(store, Clock())
    metadata = {"name": "app", "namespace": "default", "annotations": {PREFIX + "client-id": "client"}}
    made.create("serviceaccounts", {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": metadata})
    start_webhook(made)
    yield made
    store.close()


def start_webhook(objects: Objects, *, ready: str = "True") -> None:
    """Put the webhook's Service and one of its pods into the store."""
    place = {"namespace": "kube-system", "labels": {"app": "webhook"}}
    service: Object = {"metadata": {"name": SERVICE, **place}, "spec": {"selector": {"app": "webhook"}}}
    pod: Object = {"metadata": {"name": "webhook", **place}, "spec": {}}
    pod["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}
    objects.create("services", {"kind": "Service", "apiVersion": "v1", **service})
    objects.create("pods", {"kind": "Pod", "apiVersion": "v1", **pod})


def admit(objects: Objects, pod: Object, version: str = "v1.5") -> Object:
    Webhook(objects, "tenant", "https://login.example/", version).admit(pod)
    return pod


def new_pod(*, label: str = "true", annotations: dict[str, str] | None = None, **container: Any) -> Object:
    metadata = {"generateName": "app-1-", "namespace": "default", "labels": {PREFIX + "use": label}}
    containers = [{"name": "app", "image": "x"} | container]
    spec = {"serviceAccountName": "app", "containers": containers}
    return {"metadata": metadata | {"annotations": annotations or {}}, "spec": spec}


def variables(pod: Object) -> dict[str, str]:
    return {item["name"]: item.get("value", "") for item in pod["spec"]["containers"][0].get("env", [])}


def annotate(objects: Objects, **annotations: str) -> None:
    account = objects.get("serviceaccounts", "default", "app")
    account["metadata"]["annotations"] = {
        PREFIX + key.replace("_", "-"): text for key, text in annotations.items()
    }
    objects.replace("serviceaccounts", account)


def test_a_labelled_pod_gets_variables_mount_and_token(objects: Objects) -> None:
    pod = admit(objects, new_pod())
    assert variables(pod) == {
        "AZURE_CLIENT_ID": "client",
        "AZURE_TENANT_ID": "tenant",
        "AZURE_FEDERATED_TOKEN_FILE": FILE,
        "AZURE_AUTHORITY_HOST": "https://login.example/",
    }
    source = pod["spec"]["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]
    assert source["audience"] == "api://AzureADTokenExchange"
    assert source["expirationSeconds"] == 3600
    assert pod["spec"]["containers"][0]["volumeMounts"][0]["readOnly"] is True


@pytest.mark.parametrize("label", ["True", "yes", "1", ""])
def test_only_the_exact_label_counts(objects: Objects, label: str) -> None:
    assert variables(admit(objects, new_pod(label=label))) == {}


def test_without_client_id_only_that_variable_is_missing(objects: Objects) -> None:
    annotate(objects)
    assert "AZURE_CLIENT_ID" not in (found := variables(admit(objects, new_pod())))
    assert len(found) == 3
    annotate(objects, client_id="client", tenant_id="")
    assert "AZURE_TENANT_ID" not in variables(admit(objects, new_pod()))


def test_what_the_manifest_sets_wins(objects: Objects) -> None:
    own = [{"name": "AZURE_CLIENT_ID", "value": ""}]
    assert variables(admit(objects, new_pod(env=own)))["AZURE_CLIENT_ID"] == ""


def test_containers_are_skipped_by_semicolons(objects: Objects) -> None:
    annotations = {PREFIX + "skip-containers": "other; app"}
    assert variables(admit(objects, new_pod(annotations=annotations))) == {}
    annotations = {PREFIX + "skip-containers": "other,app"}
    assert variables(admit(objects, new_pod(annotations=annotations)))


@pytest.mark.parametrize("seconds", ["600", "90000", "soon"])
def test_a_token_lives_an_hour_to_a_day(objects: Objects, seconds: str) -> None:
    annotations = {PREFIX + "service-account-token-expiration": seconds}
    with pytest.raises(ApiError, match=r"not valid|invalid syntax") as refused:
        admit(objects, new_pod(annotations=annotations))
    assert refused.value.code == 400


def test_the_proxy_is_added_whatever_its_annotation_says(objects: Objects) -> None:
    annotations = {PREFIX + "inject-proxy-sidecar": "false", PREFIX + "proxy-sidecar-port": "8081"}
    pod = admit(objects, new_pod(annotations=annotations))
    names = [each["name"] for each in [*pod["spec"]["initContainers"], *pod["spec"]["containers"]]]
    assert sorted(names) == ["app", "azwi-proxy", "azwi-proxy-init"]
    proxy = next(
        each
        for each in [*pod["spec"]["initContainers"], *pod["spec"]["containers"]]
        if each["name"] == "azwi-proxy"
    )
    assert proxy["args"] == ["--proxy-port=8081", "--log-level=info"]


@pytest.mark.parametrize("port", ["0", "many"])
def test_the_proxy_wants_a_port(objects: Objects, port: str) -> None:
    annotations = {PREFIX + "inject-proxy-sidecar": "true", PREFIX + "proxy-sidecar-port": port}
    with pytest.raises(ApiError, match="denied the request"):
        admit(objects, new_pod(annotations=annotations))


def test_the_proxy_does_not_go_with_the_hosts_network(objects: Objects) -> None:
    pod = new_pod(annotations={PREFIX + "inject-proxy-sidecar": "true"})
    pod["spec"]["hostNetwork"] = True
    with pytest.raises(ApiError, match="hostNetwork is set to true, cannot inject proxy sidecar"):
        admit(objects, pod)


def test_a_webhook_without_ready_pods_lets_no_labelled_pod_in(objects: Objects) -> None:
    pod = objects.get("pods", "kube-system", "webhook")
    pod["status"]["conditions"][0]["status"] = "False"
    objects.update_status("pods", pod)
    with pytest.raises(ApiError, match="no endpoints available for service") as refused:
        admit(objects, new_pod())
    assert refused.value.code == 500
    assert variables(admit(objects, new_pod(label="false"))) == {}
    objects.delete("services", "kube-system", SERVICE)
    with pytest.raises(ApiError, match='service "azure-wi-webhook-webhook-service" not found'):
        admit(objects, new_pod())


def test_version_1_6_moves_the_token(objects: Objects) -> None:
    first, second = (admit(objects, new_pod(), "v1.6") for _ in range(2))
    file = "/var/run/secrets/azure/wi/token/azure-identity-token"
    assert variables(first)["AZURE_FEDERATED_TOKEN_FILE"] == file
    name = first["spec"]["volumes"][0]["name"]
    assert name.startswith("azure-workload-identity-reserved-")
    assert name == second["spec"]["volumes"][0]["name"]


def test_version_1_6_1_has_a_folder_for_each_pod_name(objects: Objects) -> None:
    pod = admit(objects, new_pod(), "v1.6.1")
    digest = pod["spec"]["volumes"][0]["name"].rpartition("-")[2]
    file = f"/var/run/secrets/azure/wi/{digest}/token/azure-identity-token"
    assert variables(pod)["AZURE_FEDERATED_TOKEN_FILE"] == file
    named = new_pod()
    named["metadata"]["name"] = "app-1-x2x2x"  # a name that was generated does not change the folder
    assert variables(admit(objects, named, "v1.6.1")) == variables(pod)
