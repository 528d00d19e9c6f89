"""Blobs over HTTP: reading with ranges, and the ways to upload one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response

from workshop_tui.practice.registry.errors import RegistryError, blob_unknown, digest_invalid
from workshop_tui.practice.registry.names import checked_digest, checked_name

if TYPE_CHECKING:
    from starlette.requests import Request

    from workshop_tui.practice.registry.blobs import BlobFiles, Upload
    from workshop_tui.practice.registry.catalogue import Catalogue

_CONTENT_RANGE = re.compile(r"(?:bytes )?([0-9]+)-([0-9]+)(?:/.*)?")
_SPAN = r"(?:[0-9]+-[0-9]*|-[0-9]+)"
_RANGE = re.compile(rf"bytes={_SPAN}(?:\s*,\s*{_SPAN})*")


def _is_range(header: str) -> bool:
    """Return whether a Range header can be understood; what cannot is answered with 416, as by ttl.sh."""
    if not _RANGE.fullmatch(header):
        return False
    spans = [span.strip().split("-") for span in header.removeprefix("bytes=").split(",")]
    return all(not first or not last or int(first) <= int(last) for first, last in spans)


class BlobRoutes:
    """The endpoints under `/v2/<name>/blobs/`."""

    def __init__(self, blobs: BlobFiles, catalogue: Catalogue) -> None:
        self._blobs = blobs
        self._catalogue = catalogue

    async def blob(self, request: Request) -> Response:
        """GET (with ranges), HEAD or DELETE one blob."""
        name = checked_name(request.path_params["name"])
        digest = checked_digest(request.path_params["digest"])
        if not self._holds(name, digest):
            raise blob_unknown(digest)
        if request.method == "DELETE":
            self._catalogue.unlink(name, digest)
            return Response(status_code=202)
        self._blobs.touch(digest)
        headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        if not _is_range(request.headers.get("range", "bytes=0-")):
            headers["Content-Range"] = f"bytes */{self._blobs.size(digest)}"
            return Response(status_code=416, headers=headers)
        return FileResponse(self._blobs.path(digest), headers=headers, media_type="application/octet-stream")

    async def begin(self, request: Request) -> Response:
        """POST: begin an upload, take a whole blob at once, or mount one from another repository."""
        name = checked_name(request.path_params["name"])
        mount = request.query_params.get("mount")
        if mount is not None and self._mounted(name, mount, request.query_params.get("from")):
            return self._created(name, mount)
        digest = request.query_params.get("digest")
        if digest is not None:
            checked_digest(digest)
        upload = self._blobs.begin(name)
        if digest is None:
            return self._progress(upload)
        await self._receive(request, upload)
        return await self._finished(upload, digest)

    async def upload(self, request: Request) -> Response:
        """GET the status of an upload, PATCH a chunk onto it, PUT its end, or DELETE it."""
        name = checked_name(request.path_params["name"])
        upload = self._blobs.upload(name, request.path_params["upload"])
        if request.method == "DELETE":
            self._blobs.cancel(upload)
            return Response(status_code=204)
        if request.method == "GET":
            return self._progress(upload, status=204)
        digest = request.query_params.get("digest")
        if request.method == "PUT" and digest is None:
            raise digest_invalid("")
        if digest is not None:
            checked_digest(digest)
        if not self._continues(request, upload):
            return self._progress(upload, status=416)
        await self._receive(request, upload)
        if request.method == "PATCH" or digest is None:
            return self._progress(upload)
        return await self._finished(upload, digest)

    def _holds(self, name: str, digest: str) -> bool:
        return self._catalogue.is_linked(name, digest) and self._blobs.size(digest) is not None

    def _mounted(self, name: str, digest: str, source: str | None) -> bool:
        """Link a blob of another repository into this one, if it is there."""
        checked_digest(digest)
        if source is None or not self._holds(checked_name(source), digest):
            return False
        self._blobs.touch(digest)
        self._catalogue.link(name, digest)
        return True

    @staticmethod
    def _continues(request: Request, upload: Upload) -> bool:
        """Return whether the chunk begins where the upload ends, and is as long as it tells (if it tells)."""
        given = request.headers.get("content-range")
        if given is None:
            return True
        match = _CONTENT_RANGE.fullmatch(given)
        if match is None:
            raise RegistryError(400, "BLOB_UPLOAD_INVALID", "invalid content range", {"range": given})
        first, last = int(match[1]), int(match[2])
        length = int(request.headers.get("content-length", last - first + 1))
        return first == upload.size and length == last - first + 1

    @staticmethod
    async def _receive(request: Request, upload: Upload) -> None:
        with upload.appending() as append:
            async for data in request.stream():
                append(data)

    async def _finished(self, upload: Upload, digest: str) -> Response:
        await self._blobs.finish(upload, digest)
        self._catalogue.link(upload.repository, digest)
        return self._created(upload.repository, digest)

    @staticmethod
    def _created(name: str, digest: str) -> Response:
        headers = {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest}
        return Response(status_code=201, headers=headers)

    @staticmethod
    def _progress(upload: Upload, status: int = 202) -> Response:
        headers = {
            "Location": f"/v2/{upload.repository}/blobs/uploads/{upload.identifier}",
            "Range": f"0-{max(upload.size - 1, 0)}",
            "Docker-Upload-UUID": upload.identifier,
        }
        return Response(status_code=status, headers=headers)
