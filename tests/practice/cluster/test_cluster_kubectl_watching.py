"""Watches: kubectl get -w, wait, rollout status and events -w, and the watch protocol itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    import pytest
    from kubectl_programs import Kubectl


def test_get_shows_what_there_is_and_what_comes(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    kubectl(*n, "create", "cm", "first")
    with kubectl.running(*n, "get", "cm", "-w", "--output-watch-events") as watching:
        watching.until("first")
        kubectl(*n, "create", "cm", "second", "--from-literal=a=b")
        kubectl(*n, "label", "cm", "second", "x=y")
        kubectl(*n, "delete", "cm", "second")
        lines = [line.split() for line in watching.until("DELETED")]
    assert lines[0] == ["EVENT", "NAME", "DATA", "AGE"]
    changes = [line[:3] for line in lines if line[1] == "second"]
    assert changes == [[event, "second", "1"] for event in ("ADDED", "MODIFIED", "DELETED")]


def test_watch_only_shows_only_what_comes(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    with kubectl.running(*n, "get", "pods", "--watch-only", "-l", "app=web", "-v=6") as watching:
        watching.until("watch=true")
        kubectl(*n, "create", "deployment", "web", "--image=one")
        watching.until("Running")
    rows = [line for line in watching.seen if line.startswith("web-")]
    assert "0/1     Pending" in rows[0]


def test_events_as_they_come(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    with kubectl.running(*n, "events", "-w", "--for", "deployment/web") as watching:
        kubectl(*n, "create", "deployment", "web", "--image=one")
        watching.until("Scaled up replica set")


def test_wait(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    kubectl(*n, "create", "deployment", "web", "--image=one")
    met = "deployment.apps/web condition met\n"
    assert kubectl(*n, "wait", "--for=condition=Available", "deploy/web", "--timeout=30s") == met
    assert kubectl(*n, "wait", "--for=jsonpath={.status.readyReplicas}=1", "deploy/web") == met
    late = kubectl(*n, "wait", "--for=condition=Nope", "deploy/web", "--timeout=1s", fails=True)
    assert late == "error: timed out waiting for the condition on deployments/web\n"
    gone = kubectl(*n, "wait", "--for=condition=Ready", "pod/nope", "--timeout=1s", fails=True)
    assert gone == 'Error from server (NotFound): pods "nope" not found\n'
    held = ("--type=merge", "-p", '{"metadata":{"finalizers":["example.com/held"]}}')
    kubectl(*n, "patch", "deploy", "web", *held)
    kubectl(*n, "delete", "deploy", "web", "--wait=false")
    with kubectl.running(*n, "wait", "--for=delete", "deploy/web", "--timeout=30s", "-v=6") as waiting:
        waiting.until("watch=true")
        kubectl(*n, "patch", "deploy", "web", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        waiting.until("deployment.apps/web condition met")


def test_a_client_that_streams_its_lists(kubectl: Kubectl, namespace: str) -> None:
    streaming = {"KUBE_FEATURE_WatchListClient": "true"}
    n = ("-n", namespace)
    kubectl(*n, "create", "deployment", "web", "--image=one")
    told = kubectl(*n, "rollout", "status", "deploy/web", "--timeout=30s", environment=streaming)
    assert told.endswith("successfully rolled out\n")


def changes(api: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    answer = api.get(path, params={"watch": "1", "timeoutSeconds": "1", **query})
    return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]


def test_what_no_longer_fits_the_selector_is_gone(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    made = api.post(path, json={"metadata": {"name": "a", "labels": {"x": "y"}}}).json()
    version = made["metadata"]["resourceVersion"]
    change = {"metadata": {"labels": {"x": "z"}}}
    merge = {"Content-Type": "application/merge-patch+json"}
    changed = api.patch(f"{path}/a", content=json.dumps(change), headers=merge).json()
    (gone,) = changes(api, path, resourceVersion=version, labelSelector="x=y")
    assert gone["type"] == "DELETED"
    assert gone["object"]["metadata"]["labels"] == {"x": "y"}
    assert gone["object"]["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]
    (come,) = changes(api, path, resourceVersion=version, labelSelector="x=z")
    assert come["type"] == "ADDED"


def test_a_watch_of_a_table_tells_its_columns_once(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    api.post(path, json={"metadata": {"name": "a"}}).raise_for_status()
    wanted = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    answer = api.get(path, params={"watch": "1", "timeoutSeconds": "1"}, headers=wanted)
    tables = [json.loads(line)["object"] for line in answer.text.splitlines()]
    assert {table["kind"] for table in tables} == {"Table"}
    assert [bool(table["columnDefinitions"]) for table in tables[:2]] == [True, False]


def test_idle_watches_are_sent_bookmarks(
    api: httpx.Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workshop_tui.practice.cluster.api.watching.BOOKMARK_SECONDS", 0.1)
    path = f"/api/v1/namespaces/{namespace}/secrets"
    seen = changes(api, path, allowWatchBookmarks="true")
    assert {each["type"] for each in seen} == {"BOOKMARK"}
    versions = [int(each["object"]["metadata"]["resourceVersion"]) for each in seen]
    assert versions == sorted(versions)
