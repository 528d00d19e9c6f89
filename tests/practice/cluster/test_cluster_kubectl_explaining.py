"""kubectl explain, and the OpenAPI documents it reads."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workshop_tui.practice.cluster.resources import RESOURCES
from workshop_tui.practice.cluster.schema import descriptions

if TYPE_CHECKING:
    import httpx
    from kubectl_programs import Kubectl

LARGEST = 150_000
"""Bytes of descriptions the project keeps at most."""


def test_a_kind(kubectl: Kubectl) -> None:
    told = kubectl("explain", "pod")
    assert "KIND:       Pod\nVERSION:    v1\n" in told
    assert "Pod is a collection of containers that can run on a host." in told
    assert "  spec\t<PodSpec>\n" in told
    assert "<no description>" not in told


def test_a_field_deep_down(kubectl: Kubectl) -> None:
    told = kubectl("explain", "deployment.spec.template.spec.containers")
    assert "GROUP:      apps" in told
    assert "FIELD: containers <[]Container>" in told
    assert "  name\t<string> -required-\n    Name of the container specified as a DNS_LABEL." in told
    assert "maxSurge\t<IntOrString>" in kubectl("explain", "deploy.spec.strategy.rollingUpdate")
    limits = kubectl("explain", "pods.spec.containers.resources.limits")
    assert "FIELD: limits <map[string]Quantity>" in limits


def test_every_field_of_a_kind(kubectl: Kubectl) -> None:
    told = kubectl("explain", "sa", "--recursive")
    assert "  automountServiceAccountToken\t<boolean>\n" in told
    assert "    annotations\t<map[string]string>\n" in told
    assert "  secrets\t<[]ObjectReference>\n    apiVersion\t<string>\n" in told
    assert "    nodePort\t<integer>" in kubectl("explain", "svc.spec", "--recursive")


def test_what_is_not_there(kubectl: Kubectl) -> None:
    assert 'field "nope" does not exist' in kubectl("explain", "pod.spec.nope", fails=True)
    assert "the server doesn't have a resource type" in kubectl("explain", "nope", fails=True)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.qualified)
def test_every_served_kind_has_a_schema(api: httpx.Client, resource: Any) -> None:
    group = f"apis/{resource.group}" if resource.group else "api"
    schemas = api.get(f"/openapi/v3/{group}/{resource.version}").json()["components"]["schemas"]
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    (schema,) = [each for each in schemas.values() if kind in each.get("x-kubernetes-group-version-kind", [])]
    assert schema["description"]
    pointers = json.dumps(schemas).split('"#/components/schemas/')[1:]
    assert {pointer.partition('"')[0] for pointer in pointers} <= schemas.keys()


def test_documents_are_cached_by_their_hash(api: httpx.Client) -> None:
    index = api.get("/openapi/v3").json()["paths"]
    url = index["apis/apps/v1"]["serverRelativeURL"]
    with api.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["cache-control"] == "public, immutable"
    assert answer.headers["etag"] == f'"{url.partition("hash=")[2]}"'
    assert json.loads(gzip.decompress(raw))["openapi"] == "3.0.0"
    again = api.get(url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    old = api.get("/openapi/v3/apis/apps/v1?hash=OLD")
    assert (old.status_code, old.headers["location"]) == (301, url)
    assert api.get("/openapi/v3/apis/nope/v1").status_code == 404


def test_descriptions_stay_small() -> None:
    folder = Path(descriptions.__file__).parent
    assert (folder / "descriptions.txt").stat().st_size < LARGEST
    assert "Apache License" in (folder / "LICENSE.Apache-2.0").read_text()
