"""Changes and deletions that meet another's, or an end: conflicts, preconditions, finalizers, owners."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from kubernetes import client as typed_client
from kubernetes import config as typed_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from cluster_world import World

    Kubectl = Callable[..., str]

client: Any = typed_client
config: Any = typed_config
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def config_map(name: str = "m", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": {"a": "b"},
    }


def found(cluster: Kubectl, what: str = "configmap/m") -> dict[str, Any]:
    object_: dict[str, Any] = json.loads(cluster("get", what, "-o", "json"))
    return object_


def gone(cluster: Kubectl, what: str) -> bool:
    """Wait a while for the garbage collector."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not cluster("get", what, "--ignore-not-found"):
            return True
    return False


@pytest.fixture(scope="module")
def core(world: World) -> Iterator[Any]:
    with config.new_client_from_config(str(world.kubeconfig)) as connection:
        yield client.CoreV1Api(connection)


def test_an_old_version_is_not_written_over_a_new_one(cluster: Kubectl) -> None:
    cluster("create", object_=config_map())
    old = found(cluster)
    cluster("patch", "configmap/m", "-p", '{"data":{"a":"c"}}')
    assert cluster("replace", object_=old, fails=True) == (
        'Error from server (Conflict): error when replacing "STDIN": '
        f'Operation cannot be fulfilled on configmaps "m": {MODIFIED}\n'
    )
    version = json.dumps({"metadata": {"resourceVersion": "1"}, "data": {"a": "d"}})
    assert cluster("patch", "configmap/m", "-p", version, fails=True) == (
        f'Error from server (Conflict): Operation cannot be fulfilled on configmaps "m": {MODIFIED}\n'
    )
    assert found(cluster)["data"] == {"a": "c"}


def test_a_name_is_taken(cluster: Kubectl) -> None:
    cluster("create", object_=config_map())
    taken = 'configmaps "m" already exists\n'
    assert cluster("create", object_=config_map(), fails=True) == (
        f'Error from server (AlreadyExists): error when creating "STDIN": {taken}'
    )
    assert cluster("create", "configmap", "m", fails=True) == f"error: failed to create configmap: {taken}"


def test_preconditions_of_a_deletion(core: Any, namespace: str, cluster: Kubectl) -> None:
    cluster("create", object_=config_map())
    metadata = found(cluster)["metadata"]
    for field, name, why in (
        ("uid", "UID", "The object might have been deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "The object might have been modified"),
    ):
        with pytest.raises(client.ApiException) as refused:
            core.delete_namespaced_config_map("m", namespace, body={"preconditions": {field: "1"}})
        assert refused.value.status == 409
        assert json.loads(refused.value.body)["message"] == (
            f'Operation cannot be fulfilled on ConfigMap "m": the {name} in the precondition (1) does not '
            f"match the {name} in record ({metadata[field]}). {why}"
        )
    core.delete_namespaced_config_map("m", namespace, body={"preconditions": {"uid": metadata["uid"]}})
    assert cluster("get", "configmap/m", "--ignore-not-found") == ""


def test_a_finalizer_holds_an_object_until_it_is_taken_away(cluster: Kubectl) -> None:
    cluster("create", object_=config_map(finalizers=["example.com/held"]))
    assert cluster("delete", "configmap/m", "--wait=false") == 'configmap "m" deleted\n'
    held = found(cluster)
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    more = json.dumps({"metadata": {"finalizers": ["example.com/held", "example.com/more"]}})
    assert cluster("patch", "configmap/m", "--type=merge", "-p", more, fails=True) == (
        'The ConfigMap "m" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the '
        'object is being deleted, found new finalizers []string{"example.com/more"}\n'
    )
    cluster("patch", "configmap/m", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert cluster("get", "configmap/m", "--ignore-not-found") == ""


@pytest.mark.parametrize("kind", ["ConfigMap", "ServiceAccount"])
@pytest.mark.parametrize("cascade", ["background", "foreground", "orphan"])
def test_what_becomes_of_an_owner_s_objects(cluster: Kubectl, cascade: str, kind: str) -> None:
    name = f"{kind.lower()}/owner"
    cluster("create", kind.lower(), "owner")
    uid = found(cluster, name)["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": kind, "name": "owner", "uid": uid, "blockOwnerDeletion": True}
    cluster("create", object_=config_map("owned", ownerReferences=[owner]))
    cluster("delete", name, f"--cascade={cascade}")
    assert gone(cluster, name)
    if cascade == "orphan":
        assert "ownerReferences" not in found(cluster, "configmap/owned")["metadata"]
    else:
        assert gone(cluster, "configmap/owned")


def test_nothing_new_in_a_namespace_that_ends_or_is_not_there(cluster: Kubectl, namespace: str) -> None:
    assert cluster("create", "-n", "nowhere", object_=config_map(), fails=True) == (
        'Error from server (NotFound): error when creating "STDIN": namespaces "nowhere" not found\n'
    )
    ending = f"{namespace}-ending"
    cluster("create", "namespace", ending)
    held = config_map(finalizers=["example.com/held"])
    held["metadata"]["namespace"] = ending
    cluster("create", "-n", ending, object_=held)
    cluster("delete", "namespace", ending, "--wait=false")
    refused = cluster("create", "-n", ending, object_=config_map("new", namespace=ending), fails=True)
    assert refused == (
        'Error from server (Forbidden): error when creating "STDIN": configmaps "new" is forbidden: '
        f"unable to create new content in namespace {ending} because it is being terminated\n"
    )
    free = '{"metadata":{"finalizers":null}}'
    cluster("patch", "-n", ending, "configmap/m", "--type=merge", "-p", free)
    assert gone(cluster, f"namespace/{ending}")


def test_a_dry_run_of_a_deletion_deletes_nothing(core: Any, namespace: str, cluster: Kubectl) -> None:
    cluster("create", object_=config_map())
    core.delete_namespaced_config_map("m", namespace, body={"dryRun": ["All"]})
    core.delete_namespaced_config_map("m", namespace, dry_run="All")
    core.delete_collection_namespaced_config_map(namespace, dry_run="All")
    assert found(cluster)["data"] == {"a": "b"}


def test_parameters_that_are_none(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"

    def refusal(**parameters: str) -> str:
        refused = api.post(path, params=parameters, json=config_map())
        assert refused.status_code == 422
        return str(refused.json()["message"])

    assert refusal(dryRun="Some") == (
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported '
        'values: "All"'
    )
    assert refusal(fieldValidation="Lax") == (
        'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Lax": supported '
        'values: "", "Ignore", "Strict", "Warn"'
    )


def test_an_object_of_another_kind(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"

    def refusal(kind: str, version: str) -> str:
        return str(api.post(path, json={"kind": kind, "apiVersion": version}).json()["message"])

    assert refusal("Pod", "v1") == (
        'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): '
        "unknown conversion"
    )
    assert refusal("ConfigMap", "v9") == (
        'ConfigMap in version "v9" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for '
        'version "v9" in scheme "pkg/api/legacyscheme/scheme.go:30"'
    )
