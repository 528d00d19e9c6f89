"""Keys that the Secrets Store driver mounts: what the cluster tells of them without their values."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.authoring import exposed_keys
from workshop_tui.cloud.cluster import ClusterClient
from workshop_tui.cloud.configuration_reader import ConfigurationReader
from workshop_tui.cloud.pod_specs import read_pod_spec

CLASSES = "/apis/secrets-store.csi.x-k8s.io/v1/namespaces/default/secretproviderclasses/{name}"
OBJECTS = """\
array:
  - |
    objectName: openai-api-key
    objectType: secret
    objectVersion: ""
  - |
    objectName: "shop-title"
    objectType: secret
"""


def _class_of(objects: str) -> dict[str, Any]:
    return {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": "vault"},
        "spec": {"provider": "azure", "parameters": {"keyvaultName": "shop", "objects": objects}},
    }


def _pod(class_name: str, driver: str = "secrets-store.csi.k8s.io") -> dict[str, Any]:
    csi = {"driver": driver, "readOnly": True, "volumeAttributes": {"secretProviderClass": class_name}}
    mount = {"name": "vault", "mountPath": "/mnt/vault"}
    return {
        "metadata": {},
        "spec": {
            "containers": [{"name": "ai-service", "image": "x", "volumeMounts": [mount]}],
            "volumes": [{"name": "vault", "csi": csi}],
        },
    }


async def found_in(pod: dict[str, Any], classes: dict[str, dict[str, Any]]) -> list[str]:
    """Return the places of keys in a pod, in a cluster with these classes and nothing else."""

    async def answer(request: Any) -> JSONResponse:
        known = classes.get(request.path_params["name"])
        return JSONResponse(known) if known else JSONResponse({"kind": "Status", "code": 404}, 404)

    app = Starlette(routes=[Route(CLASSES, answer)])
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://cluster")
    client = ClusterClient(http, server="https://cluster", source="kubeconfig")
    try:
        spec = await read_pod_spec(pod, ConfigurationReader(client, "default"))
    finally:
        await client.close()
    return [str(key) for key in exposed_keys(spec)]


async def test_a_key_from_a_vault_is_within_the_pods_reach() -> None:
    found = await found_in(_pod("vault"), {"vault": _class_of(OBJECTS)})
    assert found == ["openai-api-key in container ai-service, from vault vault (volume /mnt/vault)"]


@pytest.mark.parametrize(
    "objects",
    ["", "array:\n  - |\n    objectName: shop-title\n", "array:\n  - |\n    objectName: keyvault-url\n"],
)
async def test_what_else_comes_from_a_vault_is_no_key(objects: str) -> None:
    assert await found_in(_pod("openai-vault"), {"openai-vault": _class_of(objects)}) == []


async def test_a_class_that_cannot_be_read_is_judged_by_what_it_is_called() -> None:
    assert await found_in(_pod("openai-vault"), {}) == []
    assert await found_in(_pod("openai-api-key"), {}) == [
        "what openai-api-key holds in container ai-service, from vault openai-api-key (volume /mnt/vault)"
    ]


async def test_another_driver_mounts_no_vault() -> None:
    assert await found_in(_pod("openai-api-key", "disk.csi.azure.com"), {}) == []
