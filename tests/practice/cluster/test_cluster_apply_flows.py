"""`kubectl apply` and its relatives from end to end: what they print, and what they leave behind."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kubectl_programs import Kubectl

    Cluster = Callable[..., str]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def config_map(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}


def service(**spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80}, {"name": "more", "port": 81}]
    spec = {"selector": {"app": "x"}, "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec}


def found(cluster: Cluster, what: str = "configmap/m") -> dict[str, Any]:
    object_: dict[str, Any] = json.loads(cluster("get", what, "-o", "json"))
    return object_


def test_created_unchanged_configured(cluster: Cluster) -> None:
    assert cluster("apply", object_=config_map(a="1", b="2")) == "configmap/m created\n"
    assert cluster("apply", object_=config_map(a="1", b="2")) == "configmap/m unchanged\n"
    assert cluster("apply", object_=config_map(a="3")) == "configmap/m configured\n"
    assert found(cluster)["data"] == {"a": "3"}


def test_a_list_loses_what_is_no_longer_applied(cluster: Cluster) -> None:
    cluster("apply", object_=service())
    changed = service(ports=[{"name": "http", "port": 80, "targetPort": 5001}])
    assert cluster("apply", object_=changed) == "service/s configured\n"
    assert found(cluster, "service/s")["spec"]["ports"] == [
        {"name": "http", "port": 80, "protocol": "TCP", "targetPort": 5001}
    ]
    assert cluster("apply", object_=changed) == "service/s unchanged\n"


def test_dry_runs_change_nothing(cluster: Cluster) -> None:
    told = cluster("apply", "--dry-run=server", object_=config_map(a="1"))
    assert told == "configmap/m created (server dry run)\n"
    assert "NotFound" in cluster("get", "configmap/m", fails=True)
    cluster("apply", object_=config_map(a="1"))
    before = found(cluster)
    for arguments in (
        ("apply", "--dry-run=server"),
        ("apply", "--dry-run=client"),
        ("apply", "--server-side", "--dry-run=server"),
        ("replace", "--dry-run=server"),
    ):
        cluster(*arguments, object_=config_map(a="2"))
    for command in (
        ("annotate", "configmap/m", "a=b", "--dry-run=server"),
        ("label", "configmap/m", "a=b", "--dry-run=server"),
        ("patch", "configmap/m", "-p", '{"data":{"a":"9"}}', "--dry-run=server"),
        ("delete", "configmap/m", "--dry-run=server"),
        ("create", "configmap", "other", "--dry-run=server"),
    ):
        cluster(*command)
    assert found(cluster) == before
    assert "NotFound" in cluster("get", "configmap/other", fails=True)


def test_a_diff_tells_by_its_exit_code(kubectl: Kubectl, cluster: Cluster, namespace: str) -> None:
    def diff(object_: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [kubectl.program, "-n", namespace, "diff", "-f", "-", *arguments],
            input=yaml.safe_dump(object_),
            env=kubectl.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    cluster("apply", object_=config_map(a="1"))
    before = found(cluster)
    assert diff(config_map(a="1")).returncode == 0
    for arguments in ((), ("--server-side",)):
        different = diff(config_map(a="2"), *arguments)
        assert different.returncode == 1, different.stderr
        assert {'-  a: "1"', '+  a: "2"'} <= set(different.stdout.splitlines())
    assert diff(config_map(a="1") | {"kind": "Nothing"}).returncode > 1
    assert found(cluster) == before


def test_replace_and_replace_by_force(cluster: Cluster) -> None:
    missing = cluster("replace", object_=config_map(a="1"), fails=True)
    assert missing == 'Error from server (NotFound): error when replacing "STDIN": configmaps "m" not found\n'
    cluster("create", object_=config_map(a="1"))
    uid = found(cluster)["metadata"]["uid"]
    assert cluster("replace", object_=config_map(b="2")) == "configmap/m replaced\n"
    assert found(cluster)["data"] == {"b": "2"}
    assert found(cluster)["metadata"]["uid"] == uid
    told = cluster("replace", "--force", object_=config_map(c="3"))
    assert told == 'configmap "m" deleted\nconfigmap/m replaced\n'
    assert found(cluster)["metadata"]["uid"] != uid


def test_what_was_applied_last(cluster: Cluster, tmp_path: Path) -> None:
    cluster("apply", object_=config_map(a="1"))
    shown = json.loads(cluster("apply", "view-last-applied", "configmap/m", "-o", "json"))
    assert shown["data"] == {"a": "1"}
    assert found(cluster)["metadata"]["annotations"][LAST_APPLIED].endswith("\n")
    assert cluster("apply", "set-last-applied", object_=config_map(a="2")) == "configmap/m configured\n"
    shown = json.loads(cluster("apply", "view-last-applied", "configmap/m", "-o", "json"))
    assert shown["data"] == {"a": "2"}
    assert found(cluster)["data"] == {"a": "1"}
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i \'s/a: "2"/a: "3"/\' "$1"\n')
    editor.chmod(0o700)
    edited = cluster("apply", "edit-last-applied", "configmap/m", editor=editor)
    assert edited == "configmap/m edited\n"
    shown = json.loads(cluster("apply", "view-last-applied", "configmap/m", "-o", "json"))
    assert shown["data"] == {"a": "3"}


def test_server_side_and_back(cluster: Cluster) -> None:
    assert cluster("apply", "--server-side", object_=config_map(a="1")) == "configmap/m serverside-applied\n"
    assert "annotations" not in found(cluster)["metadata"]
    cluster("apply", object_=config_map(a="2", b="3"))
    assert found(cluster)["data"] == {"a": "2", "b": "3"}
    # The annotation is kept in step from the server's side.
    cluster("apply", "--server-side", object_=config_map(a="4"))
    shown = json.loads(cluster("apply", "view-last-applied", "configmap/m", "-o", "json"))
    assert shown["data"] == {"a": "4"}


def workload(account: str = "default", **labels: str) -> dict[str, Any]:
    pod = {"containers": [{"name": "a", "image": "x"}], "serviceAccountName": account}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}


def test_a_refused_change_leaves_all_as_it_was(cluster: Cluster) -> None:
    cluster("apply", object_=workload(app="one"))
    before = found(cluster, "deployment/d")["spec"]
    assert cluster("apply", object_=workload(app="two"), fails=True) == (
        'The Deployment "d" is invalid: spec.selector: Invalid value: '
        'v1.LabelSelector{MatchLabels:map[string]string{"app":"two"}, '
        "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable\n"
    )
    refused = cluster("apply", object_=workload("Not_A_Name", app="one"), fails=True)
    assert refused.startswith(
        'The Deployment "d" is invalid: spec.template.spec.serviceAccountName: Invalid value: "Not_A_Name": '
        "a lowercase RFC 1123 subdomain must consist of"
    )
    assert found(cluster, "deployment/d")["spec"] == before
