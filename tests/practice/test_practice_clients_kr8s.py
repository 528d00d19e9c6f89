"""The practice cluster, by the unchanged kr8s client: what a learner's own script does with it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import kr8s
import pytest
from clients import RecordProperty, driven, package
from kr8s.objects import ConfigMap, Deployment, Namespace, Pod
from practice_world import SignedIn, write_kubeconfig

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def api(learner: SignedIn, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return kr8s.api(kubeconfig=str(write_kubeconfig(learner, tmp_path_factory.mktemp("kr8s"))))


@pytest.fixture
def namespace(api: Any, fresh_name: str) -> Iterator[str]:
    made = Namespace({"metadata": {"name": fresh_name}}, api=api)
    made.create()
    yield fresh_name
    with suppress(kr8s.NotFoundError):
        made.delete()


def test_objects(api: Any, namespace: str, record_property: RecordProperty) -> None:
    commands = ("version", "create", "exists", "patch", "patch (JSON)", "label", "annotate", "get", "delete")
    driven(record_property, package("kr8s"), *commands)
    assert api.version()["major"] == "1"
    words = ConfigMap({"metadata": {"name": "words", "namespace": namespace}, "data": {"a": "b"}}, api=api)
    assert not words.exists()
    words.create()
    assert words.exists()
    with pytest.raises(kr8s.ServerError, match=r'configmaps "words" already exists'):
        words.create()
    words.patch({"data": {"c": "d"}})
    words.patch([{"op": "replace", "path": "/data/a", "value": "z"}], type="json")
    words.label(kind="words")
    words.annotate(by="kr8s")
    words.refresh()
    assert (words.raw["data"], words.labels) == ({"a": "z", "c": "d"}, {"kind": "words"})
    assert words.annotations["by"] == "kr8s"
    for selector, names in (({"kind": "words"}, ["words"]), ({"kind": "other"}, [])):
        found = api.get("configmaps", namespace=namespace, label_selector=selector)
        assert [each.name for each in found] == names
    words.delete()
    with pytest.raises(kr8s.NotFoundError):
        words.refresh()


def copy_of(deployment: Any, namespace: str) -> dict[str, Any]:
    """Return a deployment of the same pods in another namespace."""
    spec = {key: deployment.raw["spec"][key] for key in ("replicas", "selector", "template")}
    return {"metadata": {"name": deployment.name, "namespace": namespace}, "spec": spec}


def test_workloads(api: Any, namespace: str, record_property: RecordProperty) -> None:
    commands = ("scale", "wait", "ready", "pods", "watch", "logs", "logs (follow)")
    driven(record_property, package("kr8s"), *commands)
    template = Deployment.get("product-service", namespace="default", api=api)
    service = Deployment(copy_of(template, namespace), api=api)
    service.create()
    service.wait("condition=Available", timeout=30)
    service.scale(2)
    service.wait("jsonpath='{.status.readyReplicas}'=2", timeout=30)
    assert service.ready()
    pods = service.pods()
    assert len(pods) == 2
    for kind, seen in api.watch("pods", namespace=namespace):
        assert (kind, isinstance(seen, Pod)) == ("ADDED", True)
        break
    pod = pods[0]
    assert pod.ready()
    (line,) = pod.logs(tail_lines=1)
    assert line.startswith("simulated: ")
    followed = pod.logs(follow=True, timeout=30)
    assert next(followed) == line
    pod.delete()
    assert list(followed) == [], "the log ends with its pod"
    pod.wait("delete", timeout=30)
