"""Objects and patches that can't be read: unknown fields, repeated ones, wrong types; by the real kubectl."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

    Kubectl = Callable[..., str]

STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"


def deployment(**container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "app", "image": "nowhere.invalid/none", **container}]}
    template = {"metadata": {"labels": {"app": "x"}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x"},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "x"}}, "template": template},
    }


SUBJECT = 'Deployment in version "v1" cannot be handled as a Deployment'
UNKNOWN = 'unknown field "spec.template.spec.containers[0].imag"'


def test_an_unknown_field_is_refused_warned_of_or_ignored(cluster: Kubectl) -> None:
    typo = deployment(imag="x")
    refused = cluster("apply", object_=typo, fails=True)
    assert refused == (
        'Error from server (BadRequest): error when creating "STDIN": '
        f"{SUBJECT}: strict decoding error: {UNKNOWN}\n"
    )
    assert f"Warning: {UNKNOWN}\n" in cluster("create", "--validate=warn", object_=typo)
    assert "imag" not in json.loads(cluster("get", "deployment/x", "-o", "json"))
    assert "deployment.apps/x configured\n" in cluster("apply", "--validate=ignore", object_=typo)


def test_an_unknown_field_in_a_change(cluster: Kubectl) -> None:
    cluster("apply", object_=deployment())
    refused = cluster("apply", object_=deployment(imag="x"), fails=True)
    assert refused.startswith('The request is invalid: patch: Invalid value: "map[metadata:map[annotations:')
    assert refused.endswith(f'": strict decoding error: {UNKNOWN}\n')


PLACE = "spec.template.spec.containers"


@pytest.mark.parametrize(
    ("container", "words"),
    [
        (
            {"env": [{"name": "A", "value": 5}]},
            f"number into Go struct field EnvVar.{PLACE}.env.value of type string",
        ),
        (
            {"ports": [{"containerPort": "80"}]},
            f"string into Go struct field ContainerPort.{PLACE}.ports.containerPort of type int32",
        ),
        ({"args": "one"}, f"string into Go struct field Container.{PLACE}.args of type []string"),
        ({"tty": "yes"}, f"string into Go struct field Container.{PLACE}.tty of type bool"),
    ],
)
def test_a_value_of_another_type(cluster: Kubectl, container: dict[str, Any], words: str) -> None:
    refused = cluster("create", object_=deployment(**container), fails=True)
    assert refused == (
        'Error from server (BadRequest): error when creating "STDIN": '
        f"{SUBJECT}: json: cannot unmarshal {words}\n"
    )


def test_an_amount_that_is_none(cluster: Kubectl) -> None:
    much = deployment(resources={"limits": {"cpu": "much"}})
    assert cluster("create", object_=much, fails=True) == (
        f'Error from server (BadRequest): error when creating "STDIN": {SUBJECT}: quantities must match the '
        "regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'\n"
    )


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ({"spec": {"replicas": "two"}}, "unrecognized type: int32"),
        ({"spec": {"paused": 1}}, "unrecognized type: bool"),
        ({"metadata": {"labels": {"a": 5}}}, "cannot convert int64 to string"),
        ({"spec": {"template": "x"}}, "cannot restore struct from: string"),
        ({"spec": {"template": {"spec": {"containers": 5}}}}, "cannot restore slice from int64"),
        ({"metadata": {"labels": []}}, "cannot restore map from slice"),
    ],
)
def test_a_strategic_patch_of_another_type(cluster: Kubectl, patch: dict[str, Any], words: str) -> None:
    cluster("create", object_=deployment())
    refused = cluster("patch", "deployment/x", "-p", json.dumps(patch), fails=True)
    assert refused.startswith('The request is invalid: patch: Invalid value: "map[')
    assert refused.endswith(f'": {words}\n')


def test_a_merge_patch_of_another_type(cluster: Kubectl) -> None:
    cluster("create", "configmap", "m", "--from-literal=a=b")
    refused = cluster("patch", "configmap/m", "--type=merge", "-p", '{"data":{"a":5}}', fails=True)
    assert refused.startswith(
        r'The request is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"data\":'
    )
    assert refused.endswith(
        '": json: cannot unmarshal number into Go struct field ConfigMap.data of type string\n'
    )


def test_a_field_that_stands_twice(
    api: httpx.Client, cluster: Kubectl, namespace: str, tmp_path: Path
) -> None:
    written = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1","a":"2"}}'
    file = tmp_path / "twice.json"
    file.write_text(written)
    # kubectl reads the file itself first: what it sends holds the field once.
    assert cluster("create", "-f", str(file)) == "configmap/m created\n"
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    refused = api.post(path, content=written, params={"fieldValidation": "Strict"})
    assert refused.json()["message"] == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: '
        'duplicate field "data.a"'
    )
    headers = {"Content-Type": MERGE}
    warned = api.patch(f"{path}/m", content='{"data":{"a":"3","a":"4"}}', headers=headers)
    assert warned.headers["Warning"] == r'299 - "duplicate field \"data.a\""'
    assert warned.json()["data"] == {"a": "4"}


def test_a_json_patch_that_does_not_fit(cluster: Kubectl) -> None:
    cluster("create", "configmap", "m", "--from-literal=a=b")
    words = "The request is invalid: the server rejected our request due to an error in our request\n"
    for operation in (
        {"op": "test", "path": "/data/a", "value": "c"},
        {"op": "remove", "path": "/data/b"},
        {"op": "replace", "path": "/nowhere/b", "value": "c"},
    ):
        arguments = ("patch", "configmap/m", "--type=json", "-p", json.dumps([operation]))
        assert cluster(*arguments, fails=True) == words
    assert json.loads(cluster("get", "configmap/m", "-o", "json"))["data"] == {"a": "b"}


def test_a_strategic_patch_that_go_refuses(cluster: Kubectl) -> None:
    cluster("create", object_=deployment())
    nameless = {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}
    assert cluster("patch", "deployment/x", "-p", json.dumps(nameless), fails=True) == (
        "Error from server: map: map[image:x] does not contain declared merge key: name\n"
    )
