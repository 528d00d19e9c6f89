"""A registry on a real loopback port, and hand-made images to push."""

from __future__ import annotations

import hashlib
import json
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpx

from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback
from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.registry import create_registry
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path
    from typing import Any


OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


@contextmanager
def practice_context(folder: Path, scale: float) -> Iterator[Practice]:
    """Yield a practice cloud's context without its other servers."""
    nowhere = "https://127.0.0.1:9"
    store = Store(folder / "store.sqlite")
    yield Practice(
        options=Options(folder, time_scale=scale),
        clock=Clock(scale),
        store=store,
        addresses=Addresses(
            arm=nowhere,
            entra=nowhere,
            graph=nowhere,
            openai=nowhere,
            kubernetes=nowhere,
            issuer=nowhere,
            registry="127.0.0.1:9",
            shop="http://127.0.0.1:9",
        ),
        names=Names("tenant", "subscription", "cluster"),
        ca_file=folder / "ca.pem",
    )
    store.close()


@asynccontextmanager
async def serving(practice: Practice) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the registry of this practice cloud; yield a client for it."""
    async with (
        serve_on_loopback(create_registry(practice)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


async def push_blob(client: httpx.AsyncClient, name: str, data: bytes) -> str:
    started = await client.post(f"/v2/{name}/blobs/uploads/")
    answer = await client.put(started.headers["location"], params={"digest": digest_of(data)}, content=data)
    assert answer.status_code == 201, answer.text
    return digest_of(data)


async def push_image(client: httpx.AsyncClient, name: str, tag: str, layer: bytes = b"layer") -> str:
    """Push a manifest with one layer; return its digest."""
    config = b'{"architecture":"amd64","os":"linux"}'
    for data in (config, layer):
        await push_blob(client, name, data)
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": digest_of(config),
            "size": len(config),
        },
        "layers": [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar",
                "digest": digest_of(layer),
                "size": len(layer),
            }
        ],
    }
    return await put_manifest(client, name, tag, manifest, OCI)


async def put_manifest(
    client: httpx.AsyncClient, name: str, reference: str, manifest: dict[str, Any], kind: str
) -> str:
    body = json.dumps(manifest).encode()
    answer = await client.put(
        f"/v2/{name}/manifests/{reference}", content=body, headers={"Content-Type": kind}
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["docker-content-digest"] == digest_of(body)
    return digest_of(body)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]
