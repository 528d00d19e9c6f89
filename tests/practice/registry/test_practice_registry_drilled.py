"""An image that a drill took away can be put back, although the registry tidies up meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from registry_world import push_image

from workshop_tui.cloud.registry import Registry
from workshop_tui.drills.machine_injectors import ImageInjector
from workshop_tui.practice.registry.blobs import BlobFiles
from workshop_tui.practice.registry.reaper import sweep

if TYPE_CHECKING:
    from workshop_tui.practice.context import Practice


async def test_a_deleted_image_is_put_back_whole_and_alone(
    registry: httpx.AsyncClient, practice: Practice
) -> None:
    digest = await push_image(registry, "app", "1h")
    image = f"{registry.base_url.netloc.decode()}/app:1h"
    injector = ImageInjector(Registry(lambda url: httpx.AsyncClient(base_url=url)), image)
    kept = await injector.keep("delete", {})
    await injector.make("delete", {})
    assert (await registry.get("/v2/app/manifests/1h")).status_code == 404
    assert (await registry.get(f"/v2/app/manifests/{digest}")).status_code == 404
    blobs = BlobFiles(practice.options.folder / "registry")
    assert sweep(practice, blobs, grace_seconds=0) == []

    for item in kept:
        await injector.put_back(item)
    found = await registry.get("/v2/app/manifests/1h")
    assert found.headers["docker-content-digest"] == digest
    # What held the layers meanwhile is gone: with the image they go, too.
    await registry.delete(f"/v2/app/manifests/{digest}")
    assert len(sweep(practice, blobs, grace_seconds=0)) == 2
