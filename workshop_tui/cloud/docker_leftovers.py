"""What a rehearsal leaves in the machine's Docker: its images, whose registry ends with it."""

from __future__ import annotations

import contextlib
from typing import Any

from workshop_tui.cloud.docker_client import connect
from workshop_tui.daemon_thread import in_daemon_thread

_SECONDS = 30.0


async def remove_images_of(registry: str) -> int:
    """Remove the images that name this registry, as far as Docker lets us; return how many names went."""
    with contextlib.suppress(Exception):  # tidying up: without Docker there is nothing to tidy
        return await in_daemon_thread(lambda: _remove(registry), seconds=_SECONDS)
    return 0


def _remove(registry: str) -> int:
    client = connect()
    removed = 0
    try:
        for image in client.images():
            for name in _names(image):
                if name.startswith(f"{registry}/"):
                    with contextlib.suppress(Exception):  # a container of somebody's may still hold it
                        client.remove_image(name, force=True)
                        removed += 1
    finally:
        client.close()
    return removed


def _names(image: dict[str, Any]) -> list[str]:
    found = [*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ())]
    return [name for name in found if "<none>" not in name]
