"""Patches, told against the real Go code: `kubectl patch --local` runs it without a server."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from patch_oracle import compare
from practice_world import kubectl_program

from workshop_tui.practice.cluster.patch import JSON, MERGE, STRATEGIC, apply_patch, merge_patch
from workshop_tui.practice.cluster.patch.refused import PatchError
from workshop_tui.practice.cluster.patch.strategic import strategic_merge

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.cluster.ports import Object

KUBECTL = kubectl_program()
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl to compare with")


def deployment(*containers: dict[str, Any], **spec: Any) -> Object:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": list(containers)} | spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x", "namespace": "default", "labels": {"a": "1", "b": "2"}},
        "spec": {
            "selector": {"matchLabels": {"app": "x"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "template": template,
        },
    }


def pod_patch(**spec: Any) -> Object:
    return {"spec": {"template": {"spec": spec}}}


OLD = {
    "name": "order-service",
    "image": "old",
    "env": [{"name": "KEY", "value": "secret"}, {"name": "MODE", "value": "a"}],
    "ports": [{"containerPort": 5001}, {"containerPort": 5002, "name": "more"}],
}

PATCHES: dict[str, Object] = {
    "another container comes first": pod_patch(containers=[{"name": "new", "image": "n"}]),
    "a container deleted": pod_patch(containers=[{"name": "order-service", "$patch": "delete"}]),
    "a list replaced": pod_patch(containers=[{"$patch": "replace"}, {"name": "new", "image": "n"}]),
    "an empty list is no change": pod_patch(containers=[]),
    "null removes a list": pod_patch(containers=[{"name": "order-service", "env": None}]),
    "null drops a value": pod_patch(
        containers=[{"name": "order-service", "env": [{"name": "KEY", "value": None}]}]
    ),
    "value and valueFrom both stay": pod_patch(
        containers=[
            {
                "name": "order-service",
                "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            }
        ]
    ),
    "order given": pod_patch(
        **{
            "$setElementOrder/containers": [{"name": "order-service"}, {"name": "new"}],
            "containers": [{"name": "new", "image": "n"}],
        }
    ),
    "order given, one deleted": pod_patch(
        **{
            "$setElementOrder/containers": [{"name": "new"}],
            "containers": [{"name": "new", "image": "n"}, {"name": "order-service", "$patch": "delete"}],
        }
    ),
    "a port by its number": pod_patch(
        containers=[{"name": "order-service", "ports": [{"containerPort": 5001, "name": "http"}]}]
    ),
    "arguments replaced": pod_patch(containers=[{"name": "order-service", "args": ["one"]}]),
    "labels merged": {"metadata": {"labels": {"a": None, "c": "3"}}},
    "a map replaced": {"metadata": {"labels": {"$patch": "replace", "c": "3"}}},
    "a strategy's keys retained": {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
    "finalizers added": {"metadata": {"finalizers": ["example.com/a"]}},
}


def by_kubectl(object_: Object, patch: Object, folder: Path) -> Object:
    """What Go makes of it."""
    file = folder / "object.json"
    file.write_text(json.dumps(object_))
    command = [str(KUBECTL), "patch", "--local", "-f", str(file), "--type=strategic", "-o", "json", "-p"]
    done = subprocess.run(
        [*command, json.dumps(patch)], capture_output=True, text=True, timeout=30, check=True
    )
    result: Object = json.loads(done.stdout)
    return result


def bare(value: Any) -> Any:
    """Without what Go's types add when they write an object: nulls, and empty values."""
    if isinstance(value, dict):
        shown = {key: bare(item) for key, item in value.items()}
        return {key: item for key, item in shown.items() if item not in (None, {}, [], "")}
    return [bare(item) for item in value] if isinstance(value, list) else value


@needs_kubectl
@pytest.mark.parametrize("title", PATCHES)
def test_a_patch_does_what_go_does(title: str, tmp_path: Path) -> None:
    before = deployment(OLD)
    ours = strategic_merge(before, PATCHES[title], "Deployment")
    assert bare(ours) == bare(by_kubectl(before, PATCHES[title], tmp_path))


NAMES = st.sampled_from(["a", "b", "c"])
ENVIRONMENT = st.lists(
    st.fixed_dictionaries({"name": NAMES, "value": NAMES}), unique_by=lambda each: each["name"]
)
CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": NAMES, "image": NAMES}, optional={"env": ENVIRONMENT}),
    unique_by=lambda each: str(each["name"]),
    min_size=1,
)


@needs_kubectl
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=CONTAINERS, patch=CONTAINERS)
def test_any_patch_of_containers_does_what_go_does(
    before: list[Any], patch: list[Any], tmp_path: Path
) -> None:
    object_ = deployment(*before)
    ours = strategic_merge(object_, pod_patch(containers=patch), "Deployment")
    assert bare(ours) == bare(by_kubectl(object_, pod_patch(containers=patch), tmp_path))


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(PatchError, match="map: map\\[image:x\\] does not contain declared merge key: name"):
        strategic_merge(deployment(OLD), pod_patch(containers=[{"image": "x"}]), "Deployment")


def test_the_original_is_not_touched() -> None:
    before = deployment(OLD)
    strategic_merge(before, PATCHES["a list replaced"], "Deployment")
    assert before == deployment(OLD)


@given(st.recursive(st.none() | st.integers(), lambda inner: st.dictionaries(NAMES, inner)))
def test_a_merge_patch_is_idempotent(patch: Any) -> None:
    once = merge_patch({"a": 1, "b": {"c": 2}}, patch)
    assert merge_patch(once, patch) == once


def test_each_type_by_its_media_type() -> None:
    before = deployment(OLD)
    operations = [{"op": "replace", "path": "/metadata/labels/a", "value": "9"}]
    assert apply_patch(before, JSON, operations, "Deployment")["metadata"]["labels"]["a"] == "9"
    merged = apply_patch(before, MERGE, pod_patch(containers=[]), "Deployment")
    assert merged["spec"]["template"]["spec"]["containers"] == []
    kept = apply_patch(before, STRATEGIC, pod_patch(containers=[]), "Deployment")
    assert kept["spec"]["template"]["spec"]["containers"] == [OLD]


VALUES = st.recursive(
    st.sampled_from([None, True, 1, "x", ""]),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.lists(st.dictionaries(NAMES, VALUES, max_size=3), min_size=20, max_size=20)
STEPS = st.lists(st.sampled_from(["a", "b", "0", "1", "-", "a~1b", "~0"]), max_size=3)
POINTERS = STEPS.map(lambda steps: "".join(f"/{step}" for step in ["data", *steps]))
OPERATIONS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"op": st.sampled_from(["add", "replace", "test"]), "path": POINTERS, "value": VALUES}
        ),
        st.fixed_dictionaries({"op": st.just("remove"), "path": POINTERS}),
        st.fixed_dictionaries({"op": st.sampled_from(["move", "copy"]), "from": POINTERS, "path": POINTERS}),
    ),
    min_size=1,
    max_size=2,
)


def documents(contents: list[Any]) -> list[Object]:
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"case-{number}"}, "data": content}
        for number, content in enumerate(contents)
    ]


@needs_kubectl
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # each case asks kubectl: shrinking would take minutes
)
@given(contents=DOCUMENTS, patch=st.dictionaries(NAMES, VALUES, max_size=3))
def test_any_merge_patch_does_what_go_does(contents: list[Any], patch: Any, tmp_path: Path) -> None:
    cases = compare(str(KUBECTL), documents(contents), {"data": patch}, tmp_path, type_=MERGE)
    assert [str(case) for case in cases if not case.agrees] == []


@needs_kubectl
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # each case asks kubectl: shrinking would take minutes
)
@given(contents=DOCUMENTS, patch=OPERATIONS)
def test_any_json_patch_does_what_go_does(contents: list[Any], patch: Any, tmp_path: Path) -> None:
    cases = compare(str(KUBECTL), documents(contents), patch, tmp_path, type_=JSON)
    differing = [
        str(case)
        for case in cases
        if isinstance(case.go, str) is not isinstance(case.ours, str)
        or (not isinstance(case.go, str) and not case.agrees)
    ]
    assert differing == []
