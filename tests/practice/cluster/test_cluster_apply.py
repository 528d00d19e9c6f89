"""Server-side apply and the owners of fields, by the real kubectl."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Kubectl = Callable[..., str]


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def deployment(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": list(containers)}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template, **spec},
    }


def container(name: str = "app", **content: Any) -> dict[str, Any]:
    return {"name": name, "image": "nowhere.invalid/none", **content}


def read(cluster: Kubectl, what: str = "deployment/x") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster("get", what, "-o", "json", "--show-managed-fields"))
    return found


def owners(object_: dict[str, Any]) -> dict[str, dict[str, Any]]:
    entries = object_["metadata"]["managedFields"]
    return {
        "/".join(filter(None, (each["manager"], each["operation"], each.get("subresource")))): each[
            "fieldsV1"
        ]
        for each in entries
        if each.get("subresource") != "status"
    }


def names(object_: dict[str, Any]) -> list[str]:
    return [each["name"] for each in object_["spec"]["template"]["spec"]["containers"]]


def test_what_kubectl_creates_it_owns_and_kubectl_hides_it(cluster: Kubectl) -> None:
    cluster("create", object_=deployment(container(ports=[{"containerPort": 80}]), replicas=0))
    found = read(cluster)
    entry = next(each for each in found["metadata"]["managedFields"] if "subresource" not in each)
    assert (entry["manager"], entry["operation"], entry["apiVersion"]) == (
        "kubectl-create",
        "Update",
        "apps/v1",
    )
    fields = entry["fieldsV1"]["f:spec"]
    assert fields["f:replicas"] == {}
    assert fields["f:selector"] == {}
    assert fields["f:strategy"] == {
        "f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}},
        "f:type": {},
    }
    template = fields["f:template"]
    assert template["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}
    assert template["f:spec"]["f:containers"]['k:{"name":"app"}'] == {
        ".": {},
        "f:image": {},
        "f:imagePullPolicy": {},
        "f:name": {},
        "f:ports": {
            ".": {},
            'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}, "f:protocol": {}},
        },
        "f:resources": {},
        "f:terminationMessagePath": {},
        "f:terminationMessagePolicy": {},
    }
    assert "managedFields" not in cluster("get", "deployment/x", "-o", "yaml")


def test_each_writer_has_an_entry(cluster: Kubectl) -> None:
    cluster("apply", object_=deployment(container(), replicas=0))
    cluster("scale", "deployment/x", "--replicas=1")
    cluster("annotate", "deployment/x", "note=mine")
    cluster("set", "image", "deployment/x", "app=nowhere.invalid/other")
    found = owners(read(cluster))
    # It names no manager for this one: the server takes the name of the program.
    scale = next(fields for writer, fields in found.items() if writer.endswith("/Update/scale"))
    assert scale == {"f:spec": {"f:replicas": {}}}
    assert found["kubectl-annotate/Update"] == {"f:metadata": {"f:annotations": {"f:note": {}}}}
    image = found["kubectl-set/Update"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert image == {'k:{"name":"app"}': {"f:image": {}}}
    mine = found["kubectl-client-side-apply/Update"]
    assert "f:replicas" not in mine["f:spec"]


def test_another_manager_meets_a_conflict_and_may_force_it(cluster: Kubectl) -> None:
    cluster("apply", object_=deployment(container(), replicas=1))
    arguments = ("apply", "--server-side", "--field-manager=other")
    told = cluster(*arguments, object_=deployment(container(), replicas=0), fails=True)
    assert told.startswith(
        'error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: '
        ".spec.replicas\nPlease review the fields above--they currently have other managers."
    )
    cluster(*arguments, "--force-conflicts", object_=deployment(container(), replicas=0))
    found = read(cluster)
    assert found["spec"]["replicas"] == 0
    assert "f:replicas" in owners(found)["other/Apply"]["f:spec"]
    # kubectl hands all that it had applied from the client's side over to the new manager.
    assert set(owners(found)) == {"other/Apply"}
    assert LAST_APPLIED not in found["metadata"]["annotations"]


def test_several_conflicts_are_listed_by_manager(cluster: Kubectl) -> None:
    cluster("apply", object_=deployment(container(), replicas=0, paused=True))
    wanted = deployment(container(image="nowhere.invalid/mine"), replicas=2)
    told = cluster("apply", "--server-side", "--field-manager=other", object_=wanted, fails=True)
    assert told.splitlines()[:3] == [
        'error: Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:',
        "- .spec.replicas",
        '- .spec.template.spec.containers[name="app"].image',
    ]


def test_equal_values_are_shared_and_go_with_the_last_owner(cluster: Kubectl) -> None:
    shared = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1"}}
    for manager in ("one", "two"):
        cluster("apply", "--server-side", f"--field-manager={manager}", object_=shared)
    without = {**shared, "data": {"b": "2"}}
    cluster("apply", "--server-side", "--field-manager=one", object_=without)
    assert read(cluster, "configmap/m")["data"] == {"a": "1", "b": "2"}
    cluster("apply", "--server-side", "--field-manager=two", object_={**shared, "data": {}})
    found = read(cluster, "configmap/m")
    assert found["data"] == {"b": "2"}
    assert owners(found)["one/Apply"] == {"f:data": {"f:b": {}}}


def test_what_is_no_longer_applied_goes(cluster: Kubectl) -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    both = deployment(container(env=env), container("side"), replicas=0)
    cluster("apply", "--server-side", object_=both)
    cluster("apply", "--server-side", object_=deployment(container(env=env[:1]), replicas=0))
    found = read(cluster)
    assert names(found) == ["app"]
    assert found["spec"]["template"]["spec"]["containers"][0]["env"] == env[:1]


def test_a_second_apply_changes_nothing(cluster: Kubectl) -> None:
    wanted = deployment(container(), replicas=0)
    cluster("apply", "--server-side", object_=wanted)
    before = read(cluster)["metadata"]
    cluster("apply", "--server-side", object_=wanted)
    after = read(cluster)["metadata"]
    assert after["generation"] == before["generation"]
    own = [
        next(each for each in metadata["managedFields"] if each["operation"] == "Apply")
        for metadata in (before, after)
    ]
    assert own[0] == own[1]


def test_kubectl_takes_over_from_its_client_side_self(cluster: Kubectl) -> None:
    cluster("apply", object_=deployment(container(), container("side"), replicas=1))
    cluster("apply", "--server-side", object_=deployment(container(), replicas=0))
    found = read(cluster)
    assert found["spec"]["replicas"] == 0
    assert names(found) == ["app"]
    assert "kubectl-client-side-apply/Update" not in owners(found)
    assert "kubectl/Apply" in owners(found)


def test_an_object_nobody_kept_track_of(cluster: Kubectl, api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    api.post(path, json={"metadata": {"name": "m"}, "data": {"a": "1"}}).raise_for_status()
    found = read(cluster, "configmap/m")
    assert owners(found) == {"python-httpx/Update": {"f:data": {".": {}, "f:a": {}}}}
    forgotten: dict[str, Any] = {"metadata": {"managedFields": [{}]}}
    cluster("patch", "configmap/m", "--type=merge", "-p", json.dumps(forgotten))
    assert "managedFields" not in read(cluster, "configmap/m")["metadata"]
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"b": "1"}}
    cluster("apply", "--server-side", object_=wanted)
    assert owners(read(cluster, "configmap/m")) == {
        "kubectl/Apply": {"f:data": {"f:b": {}}},
        "before-first-apply/Update": {"f:data": {".": {}, "f:a": {}}},
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"spec": {"imag": 1}}, ".spec.imag: field not declared in schema"),
        ({"spec": {"replicas": "two"}}, ".spec.replicas: expected numeric (int or float), got string"),
        ({"spec": {"paused": 5}}, ".spec.paused: expected boolean, got 5"),
        (
            {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}},
            ".spec.template.spec.containers: element 0: associative list with keys has an element that omits",
        ),
        (
            {"spec": {"template": {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}}},
            '.spec.template.spec.containers: duplicate entries for key [name="a"]',
        ),
    ],
)
def test_what_is_no_object_of_the_kind_is_refused(
    cluster: Kubectl, namespace: str, content: dict[str, Any], words: str
) -> None:
    object_ = {"apiVersion": "apps/v1", "kind": "Deployment", **content}
    object_["metadata"] = {"name": "x", **content.get("metadata", {})}
    told = cluster("apply", "--server-side", "--validate=false", object_=object_, fails=True)
    subject = f"({namespace}/x; apps/v1, Kind=Deployment)"
    assert f"failed to create typed patch object {subject}: {words}" in told


def test_the_cluster_s_own_writers_have_entries_too(cluster: Kubectl) -> None:
    cluster("create", object_=deployment(container(), replicas=1))
    cluster("wait", "deployment/x", "--for=jsonpath={.status.observedGeneration}=1", "--timeout=30s")
    status = [
        (each["manager"], each["operation"], sorted(each["fieldsV1"]))
        for each in read(cluster)["metadata"]["managedFields"]
        if each.get("subresource") == "status"
    ]
    assert status == [("kube-controller-manager", "Update", ["f:status"])]
    listed = json.loads(cluster("get", "pods", "-o", "json", "--show-managed-fields"))["items"]
    assert {owner for pod in listed for owner in owners(pod)} == {"kube-controller-manager/Update"}
