"""Tidying up: manifests whose lifetime is over, and blobs that nothing needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.registry.blobs import BlobFiles
from workshop_tui.practice.registry.catalogue import LINK, Catalogue

if TYPE_CHECKING:
    from workshop_tui.practice.context import Practice

SWEEP_SECONDS = 30.0
"""Simulated seconds between two sweeps, as ttl.sh has it."""

STALE_SECONDS = 3600.0
"""Real seconds after which an upload is forgotten that nobody adds to."""

GRACE_SECONDS = 900.0
"""Real seconds a blob may wait for the manifest it was uploaded for."""


def sweep(practice: Practice, blobs: BlobFiles, grace_seconds: float = GRACE_SECONDS) -> list[str]:
    """Remove what is over; return the digests of the blobs that were deleted."""
    needed = Catalogue(practice.store, practice.clock).sweep()
    blobs.forget_uploads(STALE_SECONDS)
    now = practice.clock.now().timestamp()
    deleted = [
        digest
        for digest, stored_at in list(blobs.digests())
        if digest not in needed and now - stored_at >= grace_seconds
    ]
    if not deleted:
        return deleted
    for key, _ in practice.store.scan(LINK):
        if key.rpartition("@")[2] in deleted:
            practice.store.remove(LINK, key)
    for digest in deleted:  # after their links: a kill between leaves bytes without a name, swept next time
        blobs.delete(digest)
    return deleted


async def run_reaper(practice: Practice) -> None:
    """Sweep now and again until cancelled. Reads never wait for it: they judge lifetimes themselves."""
    blobs = BlobFiles(practice.options.folder / "registry")
    while True:
        sweep(practice, blobs)
        await practice.clock.sleep(SWEEP_SECONDS)
