"""Blobs as files named after their digest, and the uploads that become them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from workshop_tui.practice.registry.errors import digest_invalid, upload_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(slots=True)
class Upload:
    """One upload under way: bytes so far in a file of its own, hashed as they come."""

    identifier: str
    path: Path
    repository: str
    size: int = 0
    hasher: hashlib._Hash = field(default_factory=hashlib.sha256)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        with self.path.open("ab") as file:
            file.write(data)
        self.hasher.update(data)
        self.size += len(data)


class BlobFiles:
    """Blobs under `folder/blobs/sha256/`, uploads under `folder/uploads/`.

    A blob appears by rename once its digest is proven, so a file with a digest's name is always whole.
    Uploads of an earlier process are forgotten: clients begin an upload anew when it is unknown.
    """

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs" / "sha256"
        self._uploads_folder = folder / "uploads"
        self._blobs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._uploads_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._uploads: dict[str, Upload] = {}

    def forget_uploads(self) -> None:
        """Remove what uploads of an earlier process left."""
        for path in self._uploads_folder.iterdir():
            if path.name not in self._uploads:
                path.unlink()

    def path(self, digest: str) -> Path:
        """Return where the blob of this (valid) digest is, if it is there."""
        return self._blobs / digest.removeprefix("sha256:")

    def size(self, digest: str) -> int | None:
        """Return the blob's size in bytes, or None when there is none."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def digests(self) -> Iterator[tuple[str, float]]:
        """Yield every blob's digest and the real time, in seconds since 1970, it was stored."""
        for path in self._blobs.iterdir():
            yield f"sha256:{path.name}", path.stat().st_mtime

    def touch(self, digest: str) -> None:
        """Note that a client counts on this blob, so that the reaper leaves it for a while."""
        os.utime(self.path(digest))

    def delete(self, digest: str) -> None:
        """Remove the blob's bytes."""
        self.path(digest).unlink(missing_ok=True)

    def begin(self, repository: str) -> Upload:
        """Start an upload."""
        identifier = str(uuid4())
        path = self._uploads_folder / identifier
        path.touch(mode=0o600)
        upload = Upload(identifier, path, repository)
        self._uploads[identifier] = upload
        return upload

    def upload(self, repository: str, identifier: str) -> Upload:
        """Return the upload under way (BLOB_UPLOAD_UNKNOWN when there is none)."""
        upload = self._uploads.get(identifier)
        if upload is None or upload.repository != repository:
            raise upload_unknown()
        return upload

    def cancel(self, upload: Upload) -> None:
        """Forget an upload and its bytes."""
        self._uploads.pop(upload.identifier, None)
        upload.path.unlink(missing_ok=True)

    def finish(self, upload: Upload, digest: str) -> None:
        """Make the upload the blob of this digest, or refuse it (DIGEST_INVALID) and forget it."""
        if f"sha256:{upload.hasher.hexdigest()}" != digest:
            self.cancel(upload)
            raise digest_invalid(digest)
        with upload.path.open("rb") as file:
            os.fsync(file.fileno())
        upload.path.replace(self.path(digest))
        self._uploads.pop(upload.identifier, None)
