"""A registry over the distribution protocol: what it has, and pushing blobs and manifests to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.errors import NOT_FOUND, REFUSED, explain_connection
from workshop_tui.cloud.oci import ACCEPT, INDEXES, digest_of
from workshop_tui.cloud.roles import moment
from workshop_tui.cloud.text import clean
from workshop_tui.model import Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from workshop_tui.cloud.oci import Reference

_CHUNK = 1024 * 1024
_LARGEST = 4 * 1024 * 1024
_SERVER_FAULT = 500
_CONFIGURATIONS = 16
"""How many images' configurations are remembered: that of each build of an hour."""


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest as the registry has it: digest of its very bytes, and `os/architecture` of each image."""

    digest: str
    platforms: tuple[str, ...]
    created: datetime | None = None
    """When it was built, as its configuration says; builders that care for equal bytes leave it out."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes to push: from memory or from a file."""

    digest: str
    size: int
    source: bytes | Path

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        if isinstance(self.source, bytes):
            yield self.source
            return
        with self.source.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk


class Registry:
    """Registries, by reference. `connect` makes the HTTP client for a base URL."""

    def __init__(self, connect: Callable[[str], httpx.AsyncClient]) -> None:
        self._connect = connect
        self._configurations: dict[str, Any] = {}
        self._reading = asyncio.Lock()

    async def find(self, reference: Reference, digest: str = "") -> Found | None:
        """Return what the registry has under the tag (or digest) right now; None where it has nothing.

        Raises:
            ReadFailure: it could not be asked.

        """
        what = f"the image {reference}"
        try:
            async with self._connect(reference.url) as client:
                return await self._find(client, reference, digest or reference.tag)
        except httpx.HTTPError as error:
            reason = f"{reference.registry}: {explain_connection(error)}"
            raise ReadFailure(Unreadable(what, reason, "image.registry-down")) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ReadFailure(Unreadable(what, clean(error), "reading.unexpected")) from error

    async def _find(self, client: httpx.AsyncClient, reference: Reference, tag: str) -> Found | None:
        path = f"/v2/{reference.repository}/manifests/{tag}"
        answer = await _get(client, path, ACCEPT)
        if answer is None:
            return None
        digest = digest_of(answer.content)
        document = answer.json()
        media_type = document.get("mediaType") or answer.headers.get("content-type", "").partition(";")[0]
        if media_type in INDEXES:
            platforms = [entry.get("platform") or {} for entry in document["manifests"]]
        else:
            base = f"/v2/{reference.repository}"
            platforms = [await self._configuration(client, base, document["config"]["digest"]) or {}]
        # An index may also list attestations, whose platform is "unknown".
        named = (f"{item.get('os', '')}/{item.get('architecture', '')}" for item in platforms)
        return Found(
            digest,
            tuple(clean(name, limit=60) for name in named if "unknown" not in name),
            moment(platforms[0].get("created")) if len(platforms) == 1 else None,
        )

    async def layers(self, reference: Reference, digest: str, *, at_most: int) -> list[bytes]:
        """Return the layers of `at_most` bytes of an image for linux/amd64, packed as they are, last first.

        Raises:
            httpx.HTTPError: the registry could not be asked.
            ValueError: what it has is no image.

        """
        async with self._connect(reference.url) as client:
            base = f"/v2/{reference.repository}"
            document = await _image(client, base, digest)
            small = [item["digest"] for item in document["layers"] if 0 < item["size"] <= at_most]
            answers = [await _get(client, f"{base}/blobs/{layer}", "*/*") for layer in reversed(small)]
        return [answer.content for answer in answers if answer is not None]

    async def environment(self, reference: Reference, digest: str) -> dict[str, str]:
        """Return the variables that an image for linux/amd64 brings along.

        Raises:
            httpx.HTTPError: the registry could not be asked.
            ValueError: what it has is no image.

        """
        async with self._connect(reference.url) as client:
            base = f"/v2/{reference.repository}"
            document = await _image(client, base, digest)
            config = await self._configuration(client, base, document["config"]["digest"])
        if config is None:
            raise ValueError(f"the registry has no configuration of {reference}")
        pairs = (str(entry).partition("=") for entry in (config.get("config") or {}).get("Env") or ())
        return {name: value for name, _, value in pairs}

    async def _configuration(self, client: httpx.AsyncClient, base: str, digest: str) -> Any:  # noqa: ANN401 - JSON
        """Return an image's configuration, None where there is none; what a digest names never changes."""
        async with self._reading:  # who comes while another reads it has it from them
            if digest not in self._configurations:
                answer = await _get(client, f"{base}/blobs/{digest}", "*/*")
                if answer is None:
                    return None
                if len(self._configurations) >= _CONFIGURATIONS:
                    self._configurations.clear()
                self._configurations[digest] = answer.json()
            return self._configurations[digest]

    async def delete(self, reference: Reference) -> bool:
        """Delete the manifest under the tag; False where the registry does not let us, as ttl.sh does not.

        Raises:
            ActionError: the registry does not answer.

        """
        path = f"/v2/{reference.repository}/manifests"
        try:
            async with self._connect(reference.url) as client:
                found = await client.head(f"{path}/{reference.tag}", headers={"Accept": ACCEPT})
                if found.status_code == NOT_FOUND:
                    return True
                digest = found.headers.get("docker-content-digest", reference.tag)
                answer = await client.delete(f"{path}/{digest}")
        except httpx.HTTPError as error:
            raise ActionError(
                f"{reference.registry} does not answer: {explain_connection(error)}.", "Try again."
            ) from error
        return answer.status_code < REFUSED or answer.status_code == NOT_FOUND

    async def push_blob(
        self, client: httpx.AsyncClient, reference: Reference, blob: Blob
    ) -> AsyncIterator[tuple[int, bool]]:
        """Push a blob unless it is there; yield how many bytes have gone, and whether it was there.

        Raises:
            ActionError: the registry refused.

        """
        base = f"/v2/{reference.repository}/blobs"
        there = await client.head(f"{base}/{blob.digest}")
        if there.status_code < REFUSED:
            yield blob.size, True
            return
        started = await client.post(f"{base}/uploads/", content=b"")
        _accept(started, "beginning an upload")
        place = httpx.URL(urljoin(str(started.url), started.headers["location"]))
        place = place.copy_merge_params({"digest": blob.digest})
        sent: asyncio.Queue[int | None] = asyncio.Queue()

        async def body() -> AsyncIterator[bytes]:
            for chunk in blob.chunks():
                yield chunk
                sent.put_nowait(len(chunk))

        async def upload() -> None:
            try:
                headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)}
                _accept(
                    await client.put(place, content=body(), headers=headers, timeout=300), "uploading a layer"
                )
            finally:
                sent.put_nowait(None)

        task = asyncio.create_task(upload(), name="blob upload")
        try:
            total = 0
            while (step := await sent.get()) is not None:
                total += step
                yield total, False
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def push_manifest(
        self, client: httpx.AsyncClient, reference: Reference, document: bytes, media_type: str
    ) -> str:
        """Put the manifest under the tag and return its digest.

        Raises:
            ActionError: the registry refused, or holds other bytes than were sent.

        """
        path = f"/v2/{reference.repository}/manifests/{reference.tag}"
        answer = await client.put(path, content=document, headers={"Content-Type": media_type})
        _accept(answer, "putting the manifest")
        digest = digest_of(document)
        told = answer.headers.get("docker-content-digest", digest)
        if told != digest:
            raise ActionError(
                f"{reference.registry} keeps other bytes than were sent ({clean(told, limit=80)}).",
                "Push again.",
            )
        return digest

    def connect(self, reference: Reference) -> httpx.AsyncClient:
        """Return a client for pushing to the reference's registry."""
        return self._connect(reference.url)


async def _document(client: httpx.AsyncClient, path: str) -> Any:  # noqa: ANN401 - a manifest
    answer = await _get(client, path, ACCEPT)
    if answer is None:
        raise ValueError(f"the registry has no {path}")
    return answer.json()


async def _image(client: httpx.AsyncClient, base: str, digest: str) -> Any:  # noqa: ANN401 - a manifest
    """Return an image's manifest; of several the one for linux/amd64."""
    document = await _document(client, f"{base}/manifests/{digest}")
    if "manifests" not in document:
        return document
    entries = document["manifests"]
    fitting = [item for item in entries if _architecture(item) == "amd64"]
    return await _document(client, f"{base}/manifests/{(fitting or entries)[0]['digest']}")


def _architecture(entry: Mapping[str, Any]) -> str:
    return str((entry.get("platform") or {}).get("architecture", ""))


async def _get(client: httpx.AsyncClient, path: str, accept: str) -> httpx.Response | None:
    answer = await client.get(path, headers={"Accept": accept}, follow_redirects=True)
    if answer.status_code == NOT_FOUND:
        return None
    if answer.status_code >= _SERVER_FAULT:
        raise httpx.HTTPStatusError(f"HTTP {answer.status_code}", request=answer.request, response=answer)
    if answer.status_code >= REFUSED:
        raise ValueError(f"HTTP {answer.status_code} {_first_error(answer)}")
    if len(answer.content) > _LARGEST:
        raise ValueError("the answer is larger than a manifest can be")
    return answer


def _accept(answer: httpx.Response, doing: str) -> None:
    if answer.status_code >= REFUSED:
        host = answer.request.url.netloc.decode()
        raise ActionError(
            f"{host} refused {doing}: HTTP {answer.status_code} {_first_error(answer)}",
            "Read what the registry says, then try again: what is there already is not sent twice.",
        )


def _first_error(answer: httpx.Response) -> str:
    """Return the registry's own code and words."""
    try:
        document: Any = json.loads(answer.text)
        error = document["errors"][0]
        return clean(f"{error.get('code', '')}: {error.get('message', '')}", limit=300)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return clean(answer.text, limit=200)
