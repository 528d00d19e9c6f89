"""An image's tree of files: put together from its layers, unpacked once and shared where that is possible."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.layers import own_folders, unpack_layer

if TYPE_CHECKING:
    from pathlib import Path


def put_together(layers: list[str], draft: Path, shared_layers: Path) -> None:
    """Make `draft/root` of the archives in `draft` and the layers that were unpacked before.

    Layers are shared where they are apart, else unpacked one over the other.

    An app's requirements seldom change between two images of it, so their layer is unpacked once, and
    the bytecode Python writes beside them serves the next image, too.

    Raises:
        LayerError: see `unpack_layer`.

    """
    root = draft / "root"
    root.mkdir()
    tops: dict[str, frozenset[str] | None] = {}
    for layer in layers:
        shared = shared_layers / layer
        archive = draft / layer
        tops[layer] = (
            own_folders(archive) if archive.exists() else frozenset(path.name for path in shared.iterdir())
        )
    if not _are_apart(list(tops.values())):
        for layer in layers:
            _unpack_over(layer, draft, shared_layers)
        return
    for layer, folders in tops.items():
        _share(layer, draft, shared_layers)
        for folder in folders or ():
            (root / folder).symlink_to(f"../../layers/{layer}/{folder}")


def _share(layer: str, draft: Path, shared_layers: Path) -> None:
    archive, fresh = draft / layer, draft / "fresh"
    if archive.exists():
        fresh.mkdir()
        unpack_layer(archive, fresh)
        archive.unlink()
        fresh.replace(shared_layers / layer)


def _unpack_over(layer: str, draft: Path, shared_layers: Path) -> None:
    archive, root = draft / layer, draft / "root"
    if archive.exists():
        unpack_layer(archive, root)
        archive.unlink()
    else:
        shutil.copytree(shared_layers / layer, root, symlinks=True, dirs_exist_ok=True)


def _are_apart(tops: list[frozenset[str] | None]) -> bool:
    """Return whether no two layers have a top folder in common, and each has only such."""
    known: set[str] = set()
    for folders in tops:
        if folders is None or folders & known:
            return False
        known |= folders
    return True
