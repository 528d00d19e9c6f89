"""The trap of the renamed container: the same manifest, applied in different ways, by kubectl and Python.

The live object has a container `order-service`, the new manifest `ai-service`. What each way leaves behind
was measured on a real cluster (facts/kubernetes.md, section 4.3, cases A to E).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from kubernetes import client as typed_client
from kubernetes import config as typed_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cluster_world import World

    Kubectl = Callable[..., str]

client: Any = typed_client
config: Any = typed_config

NAME = "ai-service"
OLD, NEW = "order-service", "ai-service"


def manifest(container: str) -> dict[str, Any]:
    spec = {"containers": [{"name": container, "image": f"nowhere.invalid/{container}"}]}
    template = {"metadata": {"labels": {"app": NAME}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": NAME}}, "template": template},
    }


def containers(cluster: Kubectl) -> list[str]:
    found = json.loads(cluster("get", f"deployment/{NAME}", "-o", "json"))
    return [each["name"] for each in found["spec"]["template"]["spec"]["containers"]]


@pytest.fixture(scope="module")
def connection(world: World) -> Iterator[Any]:
    with config.new_client_from_config(str(world.kubeconfig)) as made:
        yield made


def test_a_apply_over_apply_leaves_the_new_one(cluster: Kubectl) -> None:
    cluster("apply", object_=manifest(OLD))
    assert cluster("apply", object_=manifest(NEW)) == "deployment.apps/ai-service configured\n"
    assert containers(cluster) == [NEW]


def test_b_apply_over_create_leaves_both_and_warns(cluster: Kubectl) -> None:
    cluster("create", object_=manifest(OLD))
    told = cluster("apply", object_=manifest(NEW))
    assert "Warning: resource deployments/ai-service is missing the" in told
    assert containers(cluster) == [NEW, OLD]


def test_c_replace_leaves_the_new_one_and_forgets_what_was_applied(cluster: Kubectl) -> None:
    cluster("apply", object_=manifest(OLD))
    cluster("replace", object_=manifest(NEW))
    assert containers(cluster) == [NEW]
    assert "missing the" in cluster("apply", object_=manifest(OLD))
    assert containers(cluster) == [OLD, NEW]


def test_d_a_whole_manifest_as_a_patch_by_python_leaves_both(
    cluster: Kubectl, connection: Any, namespace: str
) -> None:
    apps = client.AppsV1Api(connection)
    apps.create_namespaced_deployment(namespace, manifest(OLD))
    apps.patch_namespaced_deployment(NAME, namespace, manifest(NEW))
    assert containers(cluster) == [NEW, OLD]
    whole = apps.read_namespaced_deployment(NAME, namespace)
    whole.spec.template.spec.containers = [manifest(NEW)["spec"]["template"]["spec"]["containers"][0]]
    apps.replace_namespaced_deployment(NAME, namespace, whole)
    assert containers(cluster) == [NEW]


@pytest.mark.parametrize("order", ["patch", "replace"])
def test_d_python_can_say_that_the_list_is_whole(connection: Any, namespace: str, order: str) -> None:
    apps = client.AppsV1Api(connection)
    apps.create_namespaced_deployment(namespace, manifest(OLD))
    new = manifest(NEW)["spec"]["template"]["spec"]["containers"]
    if order == "patch":
        change: Any = {"spec": {"template": {"spec": {"containers": [{"$patch": "replace"}, *new]}}}}
    else:
        change = [{"op": "replace", "path": "/spec/template/spec/containers", "value": new}]
    changed = apps.patch_namespaced_deployment(NAME, namespace, change)
    assert [each.name for each in changed.spec.template.spec.containers] == [NEW]


def test_e_server_side_apply_takes_away_only_what_its_manager_had_applied(cluster: Kubectl) -> None:
    arguments = ("apply", "--server-side", "--field-manager=learner")
    cluster(*arguments, object_=manifest(OLD))
    assert cluster(*arguments, object_=manifest(NEW)) == "deployment.apps/ai-service serverside-applied\n"
    assert containers(cluster) == [NEW]


def test_e_server_side_apply_leaves_what_another_had_created(cluster: Kubectl) -> None:
    cluster("create", object_=manifest(OLD))
    told = cluster("apply", "--server-side", "--field-manager=learner", object_=manifest(NEW))
    assert told == "deployment.apps/ai-service serverside-applied\n"
    assert sorted(containers(cluster)) == [NEW, OLD]


def test_e_by_python(connection: Any, namespace: str) -> None:
    apps = client.AppsV1Api(connection)
    apps.create_namespaced_deployment(namespace, manifest(OLD))
    apply = {"_content_type": "application/apply-patch+yaml", "field_manager": "python"}
    changed = apps.patch_namespaced_deployment(NAME, namespace, manifest(NEW), **apply)
    assert sorted(each.name for each in changed.spec.template.spec.containers) == [NEW, OLD]
    with pytest.raises(client.ApiException) as refused:
        apps.patch_namespaced_deployment(NAME, namespace, {**manifest(NEW), "spec": {"replicas": 3}}, **apply)
    assert refused.value.status == 409
    assert "conflict with" in json.loads(refused.value.body)["message"]
