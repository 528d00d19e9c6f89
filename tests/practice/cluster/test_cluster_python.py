"""The practice cluster as the official Python client sees it: typed models refuse what is not well-formed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kubernetes import client as typed_client
from kubernetes import config as typed_config
from kubernetes import dynamic as typed_dynamic
from kubernetes import watch as typed_watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_world import World

client: Any = typed_client
config: Any = typed_config
dynamic: Any = typed_dynamic
watch: Any = typed_watch


@pytest.fixture(scope="module")
def connection(world: World) -> Iterator[Any]:
    """A client made from the user's kubeconfig."""
    made = config.new_client_from_config(str(world.kubeconfig))
    yield made
    made.close()


def test_typed_models_take_every_kind(connection: Any) -> None:
    core, apps = client.CoreV1Api(connection), client.AppsV1Api(connection)
    deployment = apps.read_namespaced_deployment("ai-service", "default")
    assert deployment.spec.template.spec.containers[0].name == "order-service"
    assert core.list_namespaced_pod("default").items
    assert core.list_namespaced_service("default").items
    assert core.list_event_for_all_namespaces().items
    assert core.list_node().items[0].status.node_info.architecture == "amd64"
    assert core.list_namespace().items
    assert core.list_namespaced_endpoints("default").items
    assert apps.list_namespaced_replica_set("default").items
    assert core.list_namespaced_config_map("default").items


def test_a_whole_manifest_as_patch_leaves_the_old_container(connection: Any, namespace: str) -> None:
    core, apps = client.CoreV1Api(connection), client.AppsV1Api(connection)
    core.create_namespaced_service_account(namespace, {"metadata": {"name": "workload"}})
    labels = {"app": "app"}

    def manifest(container: str) -> dict[str, Any]:
        pod = {"serviceAccountName": "workload", "containers": [{"name": container, "image": "x"}]}
        template = {"metadata": {"labels": labels}, "spec": pod}
        return {
            "metadata": {"name": "app"},
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        }

    apps.create_namespaced_deployment(namespace, manifest("order-service"))
    apps.patch_namespaced_deployment("app", namespace, manifest("ai-service"))
    found = apps.read_namespaced_deployment("app", namespace)
    names = [each.name for each in found.spec.template.spec.containers]
    assert names == ["ai-service", "order-service"]
    found.spec.template.spec.containers = found.spec.template.spec.containers[:1]
    found.metadata.resource_version = None  # the rollout's status may have moved on meanwhile
    apps.replace_namespaced_deployment("app", namespace, found)
    found = apps.read_namespaced_deployment("app", namespace)
    assert [each.name for each in found.spec.template.spec.containers] == ["ai-service"]
    apps.delete_namespaced_deployment("app", namespace)


def test_watch_and_refusals(connection: Any) -> None:
    core = client.CoreV1Api(connection)
    stream = watch.Watch().stream(core.list_namespaced_pod, "default", timeout_seconds=1)
    assert {event["type"] for event in stream} == {"ADDED"}
    with pytest.raises(client.ApiException) as refused:
        core.read_namespaced_pod("nope", "default")
    assert refused.value.status == 404


def test_the_service_proxy_with_an_encoded_path(connection: Any) -> None:
    core = client.CoreV1Api(connection)
    answer = core.connect_get_namespaced_service_proxy_with_path("ai-service:5001", "default", "a/b")
    assert "/a/b" in str(answer)


def test_the_dynamic_client(connection: Any) -> None:
    deployments = dynamic.DynamicClient(connection).resources.get(api_version="apps/v1", kind="Deployment")
    assert deployments.get(name="ai-service", namespace="default").spec.replicas == 1
