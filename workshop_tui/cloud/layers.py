"""Layers of an image, packed so that the same content always gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNK = 1024 * 1024


class _Hashed(io.RawIOBase):
    """Writes through, and takes the digest of what passes."""

    def __init__(self, target: BinaryIO) -> None:
        super().__init__()
        self._target = target
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Say yes, as tarfile asks."""
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override] # tarfile writes bytes alone
        """Write and count."""
        self.digest.update(data)
        self.size += len(data)
        return self._target.write(data)


def pack(target: BinaryIO, entries: Iterable[tuple[str, Path]]) -> tuple[str, int]:
    """Write files as an uncompressed tar; return its digest and size.

    `entries` are names in the image and where their content is. Order, owner, time and permissions do not
    depend on the machine; the folders above each file are added.
    """
    hashed = _Hashed(target)
    made: set[str] = set()
    with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_CHUNK) as archive:
        for name, path in sorted(entries):
            for folder in _folders(name, made):
                archive.addfile(_plain(folder, tarfile.DIRTYPE, 0o755))
            status = path.stat()
            entry = _plain(name, tarfile.REGTYPE, 0o755 if status.st_mode & 0o100 else 0o644)
            entry.size = status.st_size
            with path.open("rb") as opened:
                archive.addfile(entry, opened)
    return f"sha256:{hashed.digest.hexdigest()}", hashed.size


def _plain(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, 0
    return entry


def _folders(name: str, made: set[str]) -> Iterable[str]:
    parts = name.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        folder = "/".join(parts[:count])
        if folder not in made:
            made.add(folder)
            yield folder


def tree(root: Path, below: str, leave: Iterable[str] = ()) -> list[tuple[str, Path]]:
    """Return every plain file under `root`, named as under `below`; folders named in `leave` are left out."""
    left = frozenset(leave)
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in left]
        inside = Path(folder).relative_to(root).as_posix()
        prefix = below if inside == "." else f"{below}/{inside}"
        found += [(f"{prefix}/{name}", Path(folder, name)) for name in files if not name.endswith(".pyc")]
    return found
