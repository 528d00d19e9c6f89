"""What an image in its registry is made of: whether its code is that of a folder here.

A push by hand leaves no note of what went into it, and anyone may write to a name at ttl.sh: the image itself
tells. Only its small layers are read, the last first, as the OCI image specification stacks them
(https://github.com/opencontainers/image-spec/blob/main/layer.md).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
import tarfile
import zlib
from typing import TYPE_CHECKING

import httpx

from workshop_tui.authoring import is_key_name
from workshop_tui.cloud.build_context import image_files
from workshop_tui.cloud.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from workshop_tui.cloud.oci import Reference
    from workshop_tui.cloud.registry import Registry

_log = logging.getLogger(__name__)

CODE = ".py"
_LARGEST_LAYER = 4 * 1024 * 1024
"""Of a packed layer, in bytes: one of source is small, one of packages or of a base system is not."""
_LARGEST_UNPACKED = 64 * 1024 * 1024
_GZIP = 31
"""zlib's window bits for a gzip header and trailer."""
_REMOVED, _OPAQUE = ".wh.", ".wh..wh..opq"

Files = dict[str, str]
"""SHA-256 of each file of code by its path in the image; empty where a layer removed it."""


class ImageContent:
    """Reads what images are made of; what a digest names never changes, so it is read once."""

    def __init__(self, registry: Registry) -> None:
        """Take the way to the registries."""
        self._registry = registry
        self._known: dict[str, Files] = {}
        self._keys: dict[str, tuple[str, ...]] = {}

    async def keys_in(self, reference: Reference, digest: str) -> tuple[str, ...]:
        """Return the names of variables that hold a key in the image's own configuration.

        None where it cannot be read: a registry that asks who one is keeps its images to itself.
        """
        try:
            if digest not in self._keys:
                found = await self._registry.environment(reference, digest)
                # By name alone: base images bring checksums along, which look like keys (GPG_KEY).
                held = (name for name, value in found.items() if value and is_key_name(name))
                self._keys[digest] = tuple(clean(name) for name in held)
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError, AttributeError):
            _log.info("the configuration of %s could not be read", reference, exc_info=True)
            return ()
        return self._keys[digest]

    async def is_made_of(self, reference: Reference, digest: str, folder: Path) -> bool | None:
        """Say whether the image's code is the folder's; None where that cannot be told.

        Files that the Dockerfile leaves out do not count against it.
        """
        try:
            if digest not in self._known:
                layers = await self._registry.layers(reference, digest, at_most=_LARGEST_LAYER)
                self._known[digest] = await asyncio.to_thread(_stack, layers)
            return await asyncio.to_thread(_compare, self._known[digest], folder)
        except (httpx.HTTPError, tarfile.TarError, zlib.error, OSError, ValueError, KeyError, TypeError):
            _log.info("what %s is made of could not be read", reference, exc_info=True)
            return None


def _stack(layers: Iterable[bytes]) -> Files:
    """Return the code in the layers, which come last first: what lies above counts."""
    found: Files = {}
    opaque: set[str] = set()
    for layer in layers:
        hidden = tuple(opaque)
        for path, digest in _code_in(layer, opaque):
            if not path.startswith(hidden):
                found.setdefault(path, digest)
    return found


def _code_in(layer: bytes, opaque: set[str]) -> Iterable[tuple[str, str]]:
    with tarfile.open(fileobj=io.BytesIO(_unpacked(layer)), mode="r:") as archive:
        for entry in archive:
            folder, slash, name = entry.name.removeprefix("./").lstrip("/").rpartition("/")
            if name == _OPAQUE:
                opaque.add(f"{folder}/")
            elif name.startswith(_REMOVED):
                yield f"{folder}{slash}{name.removeprefix(_REMOVED)}", ""
            elif name.endswith(CODE) and entry.isfile() and (opened := archive.extractfile(entry)):
                yield f"{folder}{slash}{name}", hashlib.sha256(opened.read()).hexdigest()


def _unpacked(layer: bytes) -> bytes:
    """Unpack a layer, as far as a layer of source can be large.

    Raises:
        ValueError: it is larger than that.

    """
    if not layer.startswith(b"\x1f\x8b"):
        return layer
    unpacking = zlib.decompressobj(_GZIP)
    unpacked = unpacking.decompress(layer, _LARGEST_UNPACKED)
    if unpacking.unconsumed_tail:
        raise ValueError("a layer is larger than one of source can be")
    return unpacked


def _compare(image: Mapping[str, str], folder: Path) -> bool | None:
    """Say whether each file of code that both have is the same; None where they share none."""
    verdicts = []
    for name in image_files(folder):
        if not name.endswith(CODE):
            continue
        there = {digest for path, digest in image.items() if digest and f"/{path}".endswith(f"/{name}")}
        if there:
            verdicts.append(hashlib.sha256((folder / name).read_bytes()).hexdigest() in there)
    return all(verdicts) if verdicts else None
