"""The registry over real HTTP: what docker, containerd and our own client send, and what they get."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from registry_world import practice_context, serving

from workshop_tui.practice.registry.blobs import BlobFiles
from workshop_tui.practice.registry.lifetimes import tag_seconds
from workshop_tui.practice.registry.reaper import sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path
    from typing import Any

    import httpx

    from workshop_tui.practice.context import Practice

OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """A practice cloud in which a simulated hour takes a real second."""
    with practice_context(tmp_path, 3600) as made:
        yield made


@pytest.fixture
async def registry(practice: Practice) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client whose base address is a running registry."""
    async with serving(practice) as client:
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


async def test_base_says_it_is_a_registry_and_the_catalog_is_closed(registry: httpx.AsyncClient) -> None:
    base = await registry.get("/v2/")
    assert base.status_code == 200
    assert base.headers["docker-distribution-api-version"] == "registry/2.0"
    assert code(await registry.get("/v2/_catalog")) == (401, "UNAUTHORIZED")


async def test_pushed_image_is_read_by_tag_and_digest(registry: httpx.AsyncClient) -> None:
    digest = await push_image(registry, "some/deep/name", "1h")
    for reference in ("1h", digest):
        answer = await registry.get(f"/v2/some/deep/name/manifests/{reference}", headers={"Accept": OCI})
        assert answer.headers["content-type"] == OCI
        assert digest_of(answer.content) == digest
        head = await registry.head(f"/v2/some/deep/name/manifests/{reference}", headers={"Accept": OCI})
        assert head.headers["docker-content-digest"] == digest
        assert int(head.headers["content-length"]) == len(answer.content)
    listed = await registry.get("/v2/some/deep/name/tags/list")
    assert listed.json() == {"name": "some/deep/name", "tags": ["1h"]}


async def test_accept_without_the_type_finds_nothing(registry: httpx.AsyncClient) -> None:
    await push_image(registry, "app", "1h")
    answer = await registry.get(
        "/v2/app/manifests/1h",
        headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json"},
    )
    assert code(answer) == (404, "MANIFEST_UNKNOWN")
    assert "accept header does not support" in answer.text
    assert (await registry.get("/v2/app/manifests/1h", headers={"Accept": f"x/y, {OCI}"})).is_success


async def test_blob_is_served_in_ranges(registry: httpx.AsyncClient) -> None:
    digest = await push_blob(registry, "app", b"0123456789")
    part = await registry.get(f"/v2/app/blobs/{digest}", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    head = await registry.head(f"/v2/app/blobs/{digest}")
    assert (head.headers["content-length"], head.headers["docker-content-digest"]) == ("10", digest)
    beyond = await registry.get(f"/v2/app/blobs/{digest}", headers={"Range": "bytes=50-60"})
    assert beyond.status_code == 416


async def test_upload_in_chunks_keeps_count(registry: httpx.AsyncClient) -> None:
    place = (await registry.post("/v2/app/blobs/uploads/")).headers["location"]
    first = await registry.patch(place, content=b"abc", headers={"Content-Range": "0-2"})
    assert (first.status_code, first.headers["range"]) == (202, "0-2")
    wrong = await registry.patch(place, content=b"xyz", headers={"Content-Range": "7-9"})
    assert (wrong.status_code, wrong.headers["range"]) == (416, "0-2")
    status = await registry.get(place)
    assert (status.status_code, status.headers["range"]) == (204, "0-2")
    done = await registry.put(place, params={"digest": digest_of(b"abcdef")}, content=b"def")
    assert done.status_code == 201
    assert (await registry.get(done.headers["location"])).content == b"abcdef"
    assert code(await registry.get(place)) == (404, "BLOB_UPLOAD_UNKNOWN")


async def test_upload_at_once_mount_and_cancel(registry: httpx.AsyncClient) -> None:
    digest = digest_of(b"whole")
    done = await registry.post("/v2/app/blobs/uploads/", params={"digest": digest}, content=b"whole")
    assert done.status_code == 201
    mount = {"mount": digest, "from": "app"}
    assert code(await registry.get(f"/v2/other/blobs/{digest}")) == (404, "BLOB_UNKNOWN")
    assert (await registry.post("/v2/other/blobs/uploads/", params=mount)).status_code == 201
    assert (await registry.get(f"/v2/other/blobs/{digest}")).content == b"whole"
    elsewhere = {"mount": digest, "from": "nobody"}
    begun = await registry.post("/v2/third/blobs/uploads/", params=elsewhere)
    assert begun.status_code == 202
    assert (await registry.delete(begun.headers["location"])).status_code == 204
    assert code(await registry.get(begun.headers["location"])) == (404, "BLOB_UPLOAD_UNKNOWN")


async def test_bytes_that_are_not_what_they_claim_are_refused(
    registry: httpx.AsyncClient, practice: Practice
) -> None:
    place = (await registry.post("/v2/app/blobs/uploads/")).headers["location"]
    lie = await registry.put(place, params={"digest": digest_of(b"truth")}, content=b"lie")
    assert code(lie) == (400, "DIGEST_INVALID")
    assert not list(BlobFiles(practice.options.folder / "registry").digests())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2/UPPER/manifests/1h", (400, "NAME_INVALID")),
        ("/v2/app/manifests/-bad", (400, "TAG_INVALID")),
        ("/v2/app/manifests/sha256:short", (400, "DIGEST_INVALID")),
        ("/v2/app/blobs/sha256:..%5cstore.sqlite", (400, "DIGEST_INVALID")),
        ("/v2/app/manifests/1h", (404, "MANIFEST_UNKNOWN")),
        ("/v2/app/tags/list", (404, "NAME_UNKNOWN")),
    ],
)
async def test_refusals_have_the_codes_of_the_specification(
    registry: httpx.AsyncClient, path: str, expected: tuple[int, str]
) -> None:
    answer = await registry.get(path)
    if answer.status_code == 404 and "errors" not in answer.text:
        pytest.fail(f"no such route: {path}")
    assert code(answer) == expected


async def test_manifest_needs_its_blobs(registry: httpx.AsyncClient) -> None:
    manifest = {"schemaVersion": 2, "config": {"digest": digest_of(b"absent")}, "layers": []}
    answer = await registry.put("/v2/app/manifests/1h", json=manifest, headers={"Content-Type": OCI})
    assert code(answer) == (400, "MANIFEST_BLOB_UNKNOWN")
    broken = await registry.put("/v2/app/manifests/1h", content=b"[]", headers={"Content-Type": OCI})
    assert code(broken) == (400, "MANIFEST_INVALID")


async def test_index_lives_as_long_as_its_tag_and_its_image_with_it(registry: httpx.AsyncClient) -> None:
    body = await registry.get(f"/v2/app/manifests/{await push_image(registry, 'app', '1s')}")
    image = await put_manifest(registry, "app", digest_of(body.content), body.json(), OCI)
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"mediaType": OCI, "digest": image}]}
    digest = await put_manifest(registry, "app", "1s", index, INDEX)
    assert (await registry.get(f"/v2/app/manifests/{image}")).is_success
    await asyncio.sleep(1.1)
    for reference in ("1s", digest, image):
        answer = await registry.get(f"/v2/app/manifests/{reference}")
        assert code(answer) == (404, "MANIFEST_UNKNOWN")


async def test_expired_tag_is_gone_at_once_also_by_digest(registry: httpx.AsyncClient) -> None:
    digest = await push_image(registry, "app", "1s")
    assert (await registry.head(f"/v2/app/manifests/{digest}")).is_success
    await asyncio.sleep(1.1)
    for reference in ("1s", digest):
        assert code(await registry.get(f"/v2/app/manifests/{reference}")) == (404, "MANIFEST_UNKNOWN")
    assert code(await registry.get("/v2/app/tags/list")) == (404, "NAME_UNKNOWN")


async def test_pushing_again_extends_the_life(registry: httpx.AsyncClient) -> None:
    digest = await push_image(registry, "app", "2s")
    await asyncio.sleep(1.2)
    assert await push_image(registry, "app", "2s") == digest
    await asyncio.sleep(1.2)
    assert (await registry.head(f"/v2/app/manifests/{digest}")).is_success


async def test_delete_by_tag_and_by_digest(registry: httpx.AsyncClient) -> None:
    digest = await push_image(registry, "app", "1h")
    await push_image(registry, "app", "2h")
    assert (await registry.delete("/v2/app/manifests/1h")).status_code == 202
    assert (await registry.head(f"/v2/app/manifests/{digest}")).is_success
    assert (await registry.delete(f"/v2/app/manifests/{digest}")).status_code == 202
    assert code(await registry.get("/v2/app/manifests/2h")) == (404, "MANIFEST_UNKNOWN")


async def test_reaper_collects_only_what_nothing_needs(
    registry: httpx.AsyncClient, practice: Practice
) -> None:
    await push_image(registry, "app", "1s", layer=b"short-lived")
    kept = await push_image(registry, "kept", "24h", layer=b"long-lived")
    waiting = await push_blob(registry, "app", b"its manifest comes later")
    await asyncio.sleep(1.1)
    blobs = BlobFiles(practice.options.folder / "registry")
    assert sweep(practice, blobs) == []  # all blobs are young
    assert set(sweep(practice, blobs, grace_seconds=0)) == {digest_of(b"short-lived"), waiting}
    assert code(await registry.get(f"/v2/app/blobs/{waiting}")) == (404, "BLOB_UNKNOWN")
    manifest = (await registry.get(f"/v2/kept/manifests/{kept}")).json()
    assert (await registry.get(f"/v2/kept/blobs/{manifest['layers'][0]['digest']}")).is_success


async def test_images_outlive_a_restart_and_half_uploads_do_not(practice: Practice) -> None:
    async with serving(practice) as client:
        digest = await push_image(client, "app", "24h")
        place = (await client.post("/v2/app/blobs/uploads/")).headers["location"]
    async with serving(practice) as client:
        assert (await client.head(f"/v2/app/manifests/{digest}")).is_success
        assert code(await client.patch(place, content=b"more")) == (404, "BLOB_UPLOAD_UNKNOWN")
        assert not list((practice.options.folder / "registry" / "uploads").iterdir())


async def test_referrers_are_listed(registry: httpx.AsyncClient) -> None:
    image = await push_image(registry, "app", "1h")
    config = await push_blob(registry, "app", b"{}")
    signature = {
        "schemaVersion": 2,
        "artifactType": "application/x-signature",
        "config": {"digest": config, "mediaType": "application/vnd.oci.empty.v1+json"},
        "layers": [],
        "subject": {"digest": image},
    }
    digest = await put_manifest(registry, "app", "sig", signature, OCI)
    found = (await registry.get(f"/v2/app/referrers/{image}")).json()
    assert [(entry["digest"], entry["artifactType"]) for entry in found["manifests"]] == [
        (digest, "application/x-signature")
    ]


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [("90s", 90), ("5m", 300), ("1h", 3600), ("1d", 86400), ("2w", 86400), ("48h", 86400), ("latest", 86400)],
)
def test_tag_lifetimes_are_those_of_ttl_sh(tag: str, seconds: float) -> None:
    assert tag_seconds(tag) == seconds
