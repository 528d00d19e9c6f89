"""The ways to upload a blob: at once, in chunks, from another repository; and what becomes of half of one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from registry_world import INDEX, code, digest_of, push_image, serving

from workshop_tui.practice.registry.blobs import BlobFiles
from workshop_tui.practice.registry.reaper import sweep

if TYPE_CHECKING:
    import httpx

    from workshop_tui.practice.context import Practice


async def test_upload_in_chunks_keeps_count(registry: httpx.AsyncClient) -> None:
    place = (await registry.post("/v2/app/blobs/uploads/")).headers["location"]
    first = await registry.patch(place, content=b"abc", headers={"Content-Range": "0-2"})
    assert (first.status_code, first.headers["range"]) == (202, "0-2")
    wrong = await registry.patch(place, content=b"xyz", headers={"Content-Range": "7-9"})
    assert (wrong.status_code, wrong.headers["range"]) == (416, "0-2")
    longer = await registry.patch(place, content=b"xyz", headers={"Content-Range": "3-9"})
    assert (longer.status_code, longer.headers["range"]) == (416, "0-2")
    nonsense = await registry.patch(place, content=b"xyz", headers={"Content-Range": "some"})
    assert code(nonsense) == (400, "BLOB_UPLOAD_INVALID")
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


async def test_images_and_half_uploads_outlive_a_restart(practice: Practice) -> None:
    async with serving(practice) as client:
        digest = await push_image(client, "app", "24h")
        place = (await client.post("/v2/app/blobs/uploads/")).headers["location"]
        await client.patch(place, content=b"half")
    async with serving(practice) as client:
        assert (await client.head(f"/v2/app/manifests/{digest}")).is_success
        assert (await client.get(place)).headers["range"] == "0-3"
        assert code(await client.get(place.replace("/app/", "/other/"))) == (404, "BLOB_UPLOAD_UNKNOWN")
        await client.patch(place, content=b" and half", headers={"Content-Range": "4-12"})
        whole = digest_of(b"half and half")
        assert (await client.put(place, params={"digest": whole})).status_code == 201
        assert (await client.get(f"/v2/app/blobs/{whole}")).content == b"half and half"


async def test_uploads_that_nobody_goes_on_with_are_forgotten(
    registry: httpx.AsyncClient, practice: Practice
) -> None:
    blobs = BlobFiles(practice.options.folder / "registry")
    place = (await registry.post("/v2/app/blobs/uploads/")).headers["location"]
    sweep(practice, blobs)
    assert (await registry.get(place)).status_code == 204
    blobs.forget_uploads(older_than_seconds=0)
    assert code(await registry.get(place)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert code(await registry.get("/v2/app/blobs/uploads/none")) == (404, "BLOB_UPLOAD_UNKNOWN")


async def test_sha512_is_a_digest_too(registry: httpx.AsyncClient) -> None:
    digest = f"sha512:{hashlib.sha512(b'long').hexdigest()}"
    sent = await registry.post("/v2/app/blobs/uploads/", params={"digest": digest}, content=b"long")
    assert sent.status_code == 201
    assert (await registry.get(f"/v2/app/blobs/{digest}")).content == b"long"
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
    reference = f"sha512:{hashlib.sha512(body).hexdigest()}"
    put = await registry.put(f"/v2/app/manifests/{reference}", content=body, headers={"Content-Type": INDEX})
    assert put.headers["docker-content-digest"] == reference
    assert (await registry.get(f"/v2/app/manifests/{reference}")).content == body
