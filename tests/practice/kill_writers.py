"""What clients of the cluster, the registry and the shop do while the practice cloud is killed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import httpx
from kill_clients import SETTLE_SECONDS, Writer
from kill_world import ABSENT, KilledError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class ConfigMaps(Writer):
    """Objects of the cluster: created, replaced, patched, deleted; versions only rise, none is used twice."""

    path = "/api/v1/namespaces/default/configmaps"
    newest = 0
    versions: dict[str, str]

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        how = {} if body is None else {"content": json.dumps(body)}
        headers = {**self.access.kubernetes, "Content-Type": "application/json", **headers}
        answer = await self.cloud.send(self.http, "kubernetes", method, path, headers=headers, **how)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def step(self) -> None:
        key = f"{self.name}-{self.random.randrange(5)}"
        cell, value = self.cells[key], f"v{next(self.numbers)}"
        body = {"metadata": {"name": key, "labels": {"of": self.name}}, "data": {"value": value}}
        merge = {"Content-Type": "application/merge-patch+json"}
        if cell.known is ABSENT:
            with cell.becoming(value):
                answer = await self.send("POST", self.path, body)
        elif self.random.random() < 0.2:
            with cell.becoming(ABSENT):
                await self.send("DELETE", f"{self.path}/{key}")
            return
        else:
            patched = self.random.random() < 0.5
            method, headers = ("PATCH", merge) if patched else ("PUT", {})
            with cell.becoming(value):
                answer = await self.send(method, f"{self.path}/{key}", body, **headers)
        self.saw(answer, key, value)

    def saw(self, object_: Any, key: str, value: str) -> None:
        version = object_["metadata"]["resourceVersion"]
        assert int(version) > self.newest, "versions never go back"
        assert self.versions.setdefault(version, f"{key}={value}") == f"{key}={value}", "used once"
        self.newest = int(version)

    async def verify(self) -> None:
        listed = await self.send("GET", f"{self.path}?labelSelector=of%3D{self.name}")
        assert int(listed["metadata"]["resourceVersion"]) >= self.newest
        self.newest = int(listed["metadata"]["resourceVersion"])
        self.settle({each["metadata"]["name"]: each["data"]["value"] for each in listed["items"]})


class Watcher(Writer):
    """A watch on all ConfigMaps: it goes on where it was, or is told 410; no version it saw comes again."""

    path = ConfigMaps.path
    newest = 0
    versions: dict[str, str]

    async def run(self) -> None:
        listed = await self.cloud.send(
            self.http, "kubernetes", "GET", self.path, headers=self.access.kubernetes
        )
        self.newest = int(listed.json()["metadata"]["resourceVersion"])
        try:
            assert [each async for each in self._watch() if self._note(each)] == []
        except httpx.TransportError:
            return

    async def _watch(self, **more: str) -> AsyncIterator[dict[str, Any]]:
        parameters = {"watch": "true", "resourceVersion": str(self.newest), **more}
        url = f"{self.cloud['kubernetes']}{self.path}"
        headers = self.access.kubernetes
        async with self.http.stream("GET", url, params=parameters, headers=headers) as answer:
            async for line in answer.aiter_lines():
                yield json.loads(line)

    def _note(self, event: dict[str, Any]) -> bool:
        """Take in a change; True when it is none."""
        if event["type"] not in {"ADDED", "MODIFIED", "DELETED"}:
            return True
        metadata, data = event["object"]["metadata"], event["object"].get("data") or {}
        assert int(metadata["resourceVersion"]) > self.newest, "in order, each once"
        self.newest = int(metadata["resourceVersion"])
        if event["type"] != "DELETED" and "value" in data:
            text = f"{metadata['name']}={data['value']}"
            assert self.versions.setdefault(metadata["resourceVersion"], text) == text
        return False

    async def verify(self) -> None:
        if self.newest:
            resumed = [each async for each in self._watch(timeoutSeconds="0.2") if self._note(each)]
            assert [each["object"]["code"] for each in resumed] in ([], [410])


class Images(Writer):
    """Images pushed to the registry: a tag names a whole image, the old or the new."""

    async def step(self) -> None:
        repository, key = self.name, f"t{self.random.randrange(3)}"
        layer = self.random.randbytes(self.random.randrange(1, 200_000))
        parts = [await self._blob(repository, each) for each in (json.dumps({"n": key}).encode(), layer)]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}
        body = json.dumps(manifest).encode()
        with self.cells[key].becoming(_digest(body)):
            path, headers = f"/v2/{repository}/manifests/{key}", {"Content-Type": MANIFEST}
            answer = await self.cloud.send(self.http, "registry", "PUT", path, content=body, headers=headers)
            assert answer.status_code == 201, answer.text

    async def _blob(self, repository: str, data: bytes) -> dict[str, Any]:
        answer = await self.cloud.send(self.http, "registry", "POST", f"/v2/{repository}/blobs/uploads/")
        place = answer.headers["location"]
        half = len(data) // 2
        answer = await self.cloud.send(self.http, "registry", "PATCH", place, content=data[:half])
        how = {"params": {"digest": _digest(data)}, "content": data[half:]}
        answer = await self.cloud.send(self.http, "registry", "PUT", answer.headers["location"], **how)
        assert answer.status_code == 201, answer.text
        return {"mediaType": "application/octet-stream", "digest": _digest(data), "size": len(data)}

    async def verify(self) -> None:
        found = {}
        for key in self.cells:
            path = f"/v2/{self.name}/manifests/{key}"
            answer = await self.cloud.send(self.http, "registry", "GET", path)
            if answer.status_code == 404:
                continue
            found[key] = _digest(answer.content)
            for part in (answer.json()["config"], *answer.json()["layers"]):
                path = f"/v2/{self.name}/blobs/{part['digest']}"
                blob = await self.cloud.send(self.http, "registry", "GET", path)
                assert _digest(blob.content) == part["digest"]
        self.settle(found)


class Shoppers(Writer):
    """Products of the shop: a POST is not idempotent, so what was answered is there exactly once."""

    async def step(self) -> None:
        key = f"{self.name} {next(self.numbers)}"
        with self.cells[key].becoming(1):
            body = {"name": key, "price": 1}
            answer = await self.cloud.send(self.http, "shop", "POST", "/product", json=body)
            if answer.status_code == 503:  # its pod is not ready again
                raise KilledError
            assert answer.status_code == 201, answer.text

    async def verify(self) -> None:
        async with asyncio.timeout(SETTLE_SECONDS):
            answer = await self._products()
            while answer.status_code == 503:
                await asyncio.sleep(0.05)
                answer = await self._products()
        found: dict[str, int] = defaultdict(int)
        for each in answer.json():
            if each["name"].startswith(f"{self.name} "):
                found[each["name"]] += 1
        self.settle(found)
        ids = [each["id"] for each in answer.json()]
        assert sorted(set(ids)) == ids

    async def _products(self) -> httpx.Response:
        return await self.cloud.send(self.http, "shop", "GET", "/products")


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
