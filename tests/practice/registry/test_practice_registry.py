"""The registry over real HTTP: what docker, containerd and our own client send, and what they get."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from registry_world import INDEX, OCI, code, digest_of, push_blob, push_image, put_manifest

from workshop_tui.practice.registry.blobs import BlobFiles
from workshop_tui.practice.registry.lifetimes import tag_seconds
from workshop_tui.practice.registry.reaper import sweep

if TYPE_CHECKING:
    import httpx

    from workshop_tui.practice.context import Practice


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


async def test_what_was_pushed_is_what_comes_whatever_is_accepted(registry: httpx.AsyncClient) -> None:
    digest = await push_image(registry, "app", "1h")
    for accepted in ("application/vnd.docker.distribution.manifest.v2+json", f"x/y, {OCI}", "*/*"):
        head = await registry.head("/v2/app/manifests/1h", headers={"Accept": accepted})
        assert (head.headers["content-type"], head.headers["docker-content-digest"]) == (OCI, digest)


async def test_blob_is_served_in_ranges(registry: httpx.AsyncClient) -> None:
    digest = await push_blob(registry, "app", b"0123456789")
    part = await registry.get(f"/v2/app/blobs/{digest}", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    head = await registry.head(f"/v2/app/blobs/{digest}")
    assert (head.headers["content-length"], head.headers["docker-content-digest"]) == ("10", digest)
    for beyond in ("bytes=50-60", "bytes=5-2", "lines=1-2", "bytes=a-b"):
        answer = await registry.get(f"/v2/app/blobs/{digest}", headers={"Range": beyond})
        assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")


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


async def test_tags_come_in_pages(registry: httpx.AsyncClient) -> None:
    for tag in ("1h", "2h", "3h"):
        await push_image(registry, "app", tag)
    first = await registry.get("/v2/app/tags/list", params={"n": 2})
    assert first.json()["tags"] == ["1h", "2h"]
    rest = await registry.get(first.links["next"]["url"])
    assert (rest.json()["tags"], rest.links) == (["3h"], {})
    none = await registry.get("/v2/app/tags/list", params={"n": 0})
    assert (none.json()["tags"], none.links) == ([], {})


async def test_referrers_are_listed(registry: httpx.AsyncClient) -> None:
    image = await push_image(registry, "app", "1h")
    config = await push_blob(registry, "app", b"{}")
    signature = {
        "schemaVersion": 2,
        "artifactType": "application/x-signature",
        "config": {"digest": config, "mediaType": "application/vnd.oci.empty.v1+json"},
        "layers": [],
        "subject": {"digest": image},
        "annotations": {"signed-by": "us"},
    }
    digest = await put_manifest(registry, "app", "sig", signature, OCI)
    found = (await registry.get(f"/v2/app/referrers/{image}")).json()
    (entry,) = found["manifests"]
    assert (entry["digest"], entry["artifactType"]) == (digest, "application/x-signature")
    assert entry["annotations"] == {"signed-by": "us"}


async def test_what_a_place_does_not_do_is_unsupported(registry: httpx.AsyncClient) -> None:
    assert code(await registry.put("/v2/app/tags/list")) == (405, "UNSUPPORTED")


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [("90s", 90), ("5m", 300), ("1h", 3600), ("1d", 86400), ("2w", 86400), ("48h", 86400), ("latest", 86400)],
)
def test_tag_lifetimes_are_those_of_ttl_sh(tag: str, seconds: float) -> None:
    assert tag_seconds(tag) == seconds
