"""Blobs as files named after their digest, and the uploads that become them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from workshop_tui.practice.registry.errors import digest_invalid, upload_unknown
from workshop_tui.practice.registry.names import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload under way: the bytes so far are a file of its own, which is all there is to know of it."""

    identifier: str
    path: Path
    repository: str

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self.path.stat().st_size

    @contextmanager
    def appending(self) -> Iterator[Callable[[bytes], object]]:
        """Yield what adds bytes at the end. They stay when the client goes away: it may ask, and go on."""
        with self.path.open("ab") as file:
            yield file.write


class BlobFiles:
    """Blobs under `folder/blobs/<algorithm>/`, uploads under `folder/uploads/`.

    A blob appears by rename once its digest is proven, so a file with a digest's name is always whole.
    Uploads outlive the process: whoever was in the middle of one asks how far it came, and goes on.
    """

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._uploads = folder / "uploads"
        for place in (*(self._blobs / algorithm for algorithm in ALGORITHMS), self._uploads):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, digest: str) -> Path:
        """Return where the blob of this (valid) digest is, if it is there."""
        algorithm, _, value = digest.partition(":")
        return self._blobs / algorithm / value

    def size(self, digest: str) -> int | None:
        """Return the blob's size in bytes, or None when there is none."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def digests(self) -> Iterator[tuple[str, float]]:
        """Yield every blob's digest and the real time, in seconds since 1970, it was stored."""
        for algorithm in ALGORITHMS:
            for path in (self._blobs / algorithm).iterdir():
                yield f"{algorithm}:{path.name}", path.stat().st_mtime

    def touch(self, digest: str) -> None:
        """Note that a client counts on this blob, so that the reaper leaves it for a while."""
        os.utime(self.path(digest))

    def delete(self, digest: str) -> None:
        """Remove the blob's bytes."""
        self.path(digest).unlink(missing_ok=True)

    def begin(self, repository: str) -> Upload:
        """Start an upload."""
        upload = self._upload(repository, str(uuid4()))
        upload.path.touch(mode=0o600)
        return upload

    def upload(self, repository: str, identifier: str) -> Upload:
        """Return the upload under way (BLOB_UPLOAD_UNKNOWN when there is none)."""
        try:
            upload = self._upload(repository, str(UUID(identifier)))
        except ValueError:
            raise upload_unknown() from None
        if not upload.path.exists():
            raise upload_unknown()
        return upload

    def _upload(self, repository: str, identifier: str) -> Upload:
        """Return the upload of this name, which holds the repository, too: it is found from there alone."""
        owner = hashlib.sha256(repository.encode()).hexdigest()[:16]
        return Upload(identifier, self._uploads / f"{identifier}.{owner}", repository)

    def cancel(self, upload: Upload) -> None:
        """Forget an upload and its bytes."""
        upload.path.unlink(missing_ok=True)

    def forget_uploads(self, older_than_seconds: float) -> None:
        """Remove the uploads that nobody has added to for so long, in real seconds."""
        for path in self._uploads.iterdir():
            if time.time() - path.stat().st_mtime >= older_than_seconds:
                path.unlink(missing_ok=True)

    async def finish(self, upload: Upload, digest: str) -> None:
        """Make the upload the blob of this digest, or refuse it (DIGEST_INVALID) and forget it."""
        taken = upload.path.with_suffix(".finishing")
        try:
            upload.path.replace(taken)  # nobody adds to it from here on
        except FileNotFoundError:
            raise upload_unknown() from None
        try:
            algorithm, _, value = digest.partition(":")
            if await asyncio.to_thread(_digest_on_disk, taken, algorithm) != value:
                raise digest_invalid(digest)
            taken.replace(self.path(digest))
        finally:
            taken.unlink(missing_ok=True)


def _digest_on_disk(path: Path, algorithm: str) -> str:
    """Return the file's digest in hex, once its bytes are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, algorithm).hexdigest()
