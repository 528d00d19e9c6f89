"""kubectl's writing verbs: create, run, expose, label, annotate, edit, replace, delete; and dry runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kubectl_programs import Kubectl

    InNamespace = Callable[..., str]

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}}
TWICE = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]


@pytest.fixture
def run(kubectl: Kubectl, namespace: str) -> InNamespace:
    """Runs kubectl in the test's own namespace."""

    def run_there(*arguments: str, stdin: str = "", fails: bool = False, editor: str = "") -> str:
        environment = {"KUBE_EDITOR": editor} if editor else {}
        return kubectl("-n", namespace, *arguments, stdin=stdin, fails=fails, environment=environment)

    return run_there


def test_create(run: InNamespace, namespace: str) -> None:
    assert run("create", "ns", f"{namespace}-b") == f"namespace/{namespace}-b created\n"
    assert run("create", "ns", f"{namespace}-b", fails=True) == (
        f'Error from server (AlreadyExists): namespaces "{namespace}-b" already exists\n'
    )
    run("delete", "ns", f"{namespace}-b", "--wait=false")
    assert run("create", "sa", "worker") == "serviceaccount/worker created\n"
    assert run("create", "cm", "settings", "--from-literal=a=b") == "configmap/settings created\n"
    assert run("create", "secret", "generic", "hidden", "--from-literal=a=b") == "secret/hidden created\n"
    assert "a:  1 bytes" in run("describe", "secret", "hidden")
    made = run("create", "deployment", "web", "--image=one", "--replicas=2", "--port=80")
    assert made == "deployment.apps/web created\n"
    stored = json.loads(run("get", "deploy", "web", "-o", "json"))
    assert stored["spec"]["replicas"] == 2
    assert "creationTimestamp" not in stored["spec"]["template"]["metadata"]
    assert run("create", "svc", "clusterip", "front", "--tcp=80:8080") == "service/front created\n"
    assert run("create", "svc", "externalname", "far", "--external-name=example.com") == (
        "service/far created\n"
    )
    assert run("get", "svc", "far", "--no-headers").split()[1:4] == ["ExternalName", "<none>", "example.com"]
    wrong = run("create", "cm", "No_Name", fails=True)
    assert "a lowercase RFC 1123 subdomain must consist of" in wrong


def test_dry_runs_change_nothing(run: InNamespace) -> None:
    create = ("create", "deployment", "web", "--image=one")
    assert yaml.safe_load(run(*create, "--dry-run=client", "-o", "yaml"))["kind"] == "Deployment"
    assert run(*create, "--dry-run=server") == "deployment.apps/web created (server dry run)\n"
    assert run("get", "deploy", "web", "--ignore-not-found") == ""
    run(*create)
    assert run("delete", "deploy", "web", "--dry-run=server") == (
        'deployment.apps "web" deleted (server dry run)\n'
    )
    run("scale", "deploy", "web", "--replicas=5", "--dry-run=server")
    run("label", "deploy", "web", "a=b", "--dry-run=server")
    stored = json.loads(run("get", "deploy", "web", "-o", "json"))
    assert (stored["spec"]["replicas"], stored["metadata"]["labels"]) == (1, {"app": "web"})


def test_labels_and_annotations(run: InNamespace) -> None:
    run("create", "cm", "settings")
    assert run("label", "cm", "settings", "a=b") == "configmap/settings labeled\n"
    assert run("label", "cm", "settings", "a=c", fails=True) == (
        "error: 'a' already has a value (b), and --overwrite is false\n"
    )
    run("label", "cm", "settings", "a=c", "--overwrite")
    assert run("get", "cm", "-l", "a=c", "-o", "name") == "configmap/settings\n"
    assert run("label", "cm", "settings", "a-") == "configmap/settings unlabeled\n"
    assert run("annotate", "cm", "--all", "x=y").splitlines()[-1] == "configmap/settings annotated"
    assert run("get", "cm", "settings", "-o", "jsonpath={.metadata.annotations}") == '{"x":"y"}'
    assert run("annotate", "cm", "settings", "x-") == "configmap/settings annotated\n"


def test_edit(run: InNamespace, tmp_path: Path) -> None:
    def editor(name: str, old: str, new: str) -> str:
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\nsed -i 's/{old}/{new}/' \"$1\"\n")
        script.chmod(0o755)
        return str(script)

    run("create", "cm", "settings", "--from-literal=color=red")
    assert run("edit", "cm", "settings", editor=editor("blue", "color: red", "color: blue")) == (
        "configmap/settings edited\n"
    )
    assert run("get", "cm", "settings", "-o", "jsonpath={.data.color}") == "blue"
    assert run("edit", "cm", "settings", editor="true") == "Edit cancelled, no changes made.\n"
    refused = run("edit", "cm", "settings", editor=editor("typo", "^data:", "daata:"), fails=True)
    assert 'error: configmaps "settings" is invalid\n' in refused


def test_run_and_expose(run: InNamespace) -> None:
    assert run("run", "one", "--image=one", "--port=80", "--labels=app=one") == "pod/one created\n"
    run("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
    assert run("expose", "pod", "one", "--port=8080", "--target-port=80") == "service/one exposed\n"
    assert "TargetPort:" in (told := run("describe", "svc", "one"))
    assert "80/TCP" in told
    assert "already exists" in run("expose", "pod", "one", "--port=80", fails=True)
    forced = run("delete", "pod", "one", "--grace-period=0", "--force")
    assert 'pod "one" force deleted\n' in forced
    assert "Warning: Immediate deletion does not wait for confirmation" in forced


def test_replace_and_validation(run: InNamespace) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "b"}}
    run("create", "-f", "-", stdin=json.dumps(config))
    changed = json.dumps({**config, "data": {"a": "c"}})
    assert run("replace", "-f", "-", stdin=changed) == "configmap/settings replaced\n"
    assert run("replace", "--force", "-f", "-", stdin=changed).splitlines() == [
        'configmap "settings" deleted',
        "configmap/settings replaced",
    ]
    typo = json.dumps({**config, "daata": {}})
    refused = run("apply", "-f", "-", stdin=typo, fails=True)
    assert 'strict decoding error: unknown field "daata"' in refused
    warned = run("apply", "--validate=warn", "-f", "-", stdin=typo)
    assert 'Warning: unknown field "daata"' in warned
    assert "unknown field" not in run("apply", "--validate=ignore", "-f", "-", stdin=typo)


def test_the_api_server_warns(run: InNamespace) -> None:
    container = {"name": "app", "image": "one", "env": TWICE, "ports": [{"containerPort": 80}] * 2}
    spec = {"containers": [container], "nodeSelector": {"beta.kubernetes.io/os": "linux"}}
    warned = run("create", "-f", "-", stdin=json.dumps({**POD, "spec": spec}))
    assert (
        'Warning: spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when '
        "using apply\n"
    ) in warned
    assert (
        "Warning: spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]\n"
    ) in warned
    assert (
        'Warning: spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" '
        "instead\n"
    ) in warned


def test_delete(run: InNamespace) -> None:
    for name in ("a", "b", "c"):
        run("create", "cm", name)
    run("label", "cm", "a", "x=y")
    assert run("delete", "cm", "-l", "x=y") == 'configmap "a" deleted\n'
    assert run("delete", "cm", "a", fails=True) == 'Error from server (NotFound): configmaps "a" not found\n'
    assert run("delete", "cm", "a", "--ignore-not-found") == ""
    assert 'configmap "b" deleted' in run("delete", "cm", "--all")
    run("create", "deployment", "web", "--image=one")
    run("rollout", "status", "deploy/web", "--timeout=30s")
    run("delete", "deploy", "web", "--cascade=orphan")
    (left,) = run("get", "rs", "-o", "name").splitlines()
    assert run("get", left, "-o", "jsonpath={.metadata.ownerReferences}") == ""
    run("delete", left, "--cascade=foreground")
    assert run("get", "pods", "-o", "name") == ""
