"""Small pure parts: selectors, quantities, ages, the reading of objects and of protobuf."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from workshop_tui.practice.cluster.api.context import parse_target
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.protobuf import ProtobufError, decode_object
from workshop_tui.practice.cluster.quantities import parse_quantity
from workshop_tui.practice.cluster.resources import resource_named
from workshop_tui.practice.cluster.schema.decode import decode
from workshop_tui.practice.cluster.selectors import make_filter
from workshop_tui.practice.cluster.tables.pods import reason
from workshop_tui.practice.cluster.times import short_duration


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("app=a", True),
        ("app==a,tier", True),
        ("app!=a", False),
        ("other!=a", True),
        ("app in (b, a)", True),
        ("app notin (a)", False),
        ("!tier", False),
        ("!other", True),
        ("", True),
    ],
)
def test_label_selectors(selector: str, *, matches: bool) -> None:
    object_ = {"metadata": {"name": "x", "labels": {"app": "a", "tier": "front"}}}
    assert make_filter(selector, "")(object_) is matches


def test_field_selectors() -> None:
    object_ = {"metadata": {"name": "x"}, "spec": {"nodeName": "n"}}
    assert make_filter("", "metadata.name=x,spec.nodeName!=m")(object_)
    assert make_filter("", "status.phase=")(object_)
    assert not make_filter("", "metadata.name=y")(object_)


def test_quantities() -> None:
    assert parse_quantity("20m") * 50 == parse_quantity("1")
    assert parse_quantity("1Mi") == 2**20
    assert parse_quantity("1.5k") == 1500
    with pytest.raises(ValueError, match="not a quantity"):
        parse_quantity("many")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (119, "119s"), (183, "3m3s"), (600, "10m"), (3600 * 5 + 120, "5h2m"), (86400 * 3, "3d")],
)
def test_ages(seconds: int, shown: str) -> None:
    assert short_duration(timedelta(seconds=seconds)) == shown


def read_deployment(spec: dict[str, Any], *, strict: bool = True) -> dict[str, Any]:
    return decode(resource_named("deployments"), "Deployment", {"spec": spec}, strict=strict)


def test_nulls_and_empty_values_are_left_out() -> None:
    template = {
        "metadata": {"creationTimestamp": None},
        "spec": {"containers": [{"resources": {}, "env": []}]},
    }
    read = read_deployment({"template": template})
    assert read["spec"]["template"] == {"metadata": {}, "spec": {"containers": [{"resources": {}}]}}


def test_unknown_fields_are_dropped_or_refused() -> None:
    with pytest.raises(ApiError) as refused:
        read_deployment({"replica": 1, "template": {"spec": {"containers": [{"imag": "x"}]}}})
    assert refused.value.message == (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        'unknown field "spec.replica", unknown field "spec.template.spec.containers[0].imag"'
    )
    assert read_deployment({"replica": 1}, strict=False) == {"spec": {}}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (
            {"replicas": "1"},
            "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            {"template": {"metadata": {"labels": {"use": True}}}},
            "unmarshal bool into Go struct field ObjectMeta.spec.template.metadata.labels of type string",
        ),
        ({"template": []}, "cannot unmarshal array into Go struct field DeploymentSpec.spec.template"),
        (
            {"template": {"spec": {"containers": [{"resources": {"limits": {"cpu": "x"}}}]}}},
            "quantities must match the regular expression",
        ),
    ],
)
def test_wrong_types_are_refused_in_the_words_of_go(spec: dict[str, Any], text: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_deployment(spec)
    assert text in refused.value.message


def test_paths() -> None:
    target = parse_target("/api/v1/namespaces/default/services/web:80/proxy/a/b/")
    assert target is not None
    assert (target.namespace, target.name, target.rest) == ("default", "web:80", "a/b/")
    scale = parse_target("/apis/apps/v1/namespaces/n/deployments/web/scale")
    assert scale is not None
    assert scale.subresource == "scale"
    namespace = parse_target("/api/v1/namespaces/default")
    assert namespace is not None
    assert (namespace.resource.name, namespace.name) == ("namespaces", "default")
    for path in ("/api/v1", "/apis/apps/v1", "/api/v1/nothing", "/apis/apps/v1/pods", "/"):
        assert parse_target(path) is None


def test_damaged_protobuf_is_refused() -> None:
    for body in (b"", b"{}", b"k8s\x00", b"k8s\x00\x0a\xff", b"k8s\x00\x0a\x05\x12\x03Pod"):
        with pytest.raises(ProtobufError):
            decode_object(body)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ({"waiting": {"reason": "CrashLoopBackOff"}}, "CrashLoopBackOff"),
        ({"terminated": {"reason": "OOMKilled", "exitCode": 137}}, "OOMKilled"),
        ({"terminated": {"exitCode": 3}}, "ExitCode:3"),
        ({"running": {}}, "Running"),
    ],
)
def test_the_status_column(state: dict[str, Any], shown: str) -> None:
    status = {"phase": "Running", "containerStatuses": [{"name": "x", "ready": True, "state": state}]}
    pod: dict[str, Any] = {"metadata": {}, "spec": {"containers": [{}]}, "status": status}
    assert reason(pod) == shown
    pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert reason(pod) == "Terminating"


def test_protobuf_zeros_are_as_absent_as_in_json() -> None:
    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    metadata = field(1, b"web") + field(8, b"") + bytes([7 << 3, 0])  # a time and a generation of zero
    spec = bytes([1 << 3, 0])  # no replicas, which Go has a pointer for
    type_meta = field(1, b"apps/v1") + field(2, b"Deployment")
    body = b"k8s\x00" + field(1, type_meta) + field(2, field(1, metadata) + field(2, spec))
    assert decode_object(body) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 0},
    }
