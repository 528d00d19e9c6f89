"""Fault injectors on this machine: the checkout's files, and the image that was pushed from here."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.atomic import replace_file
from workshop_tui.cloud.errors import NOT_FOUND
from workshop_tui.cloud.oci import ACCEPT, digest_of, parse_reference
from workshop_tui.cloud.registry import Blob
from workshop_tui.drills.drill import DrillError
from workshop_tui.drills.store import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from workshop_tui.cloud.oci import Reference
    from workshop_tui.cloud.registry import Registry

Document = dict[str, Any]


class FileInjector:
    """Changes files below the checkout and our own home, and no others."""

    kind = "file"

    def __init__(self, folders: Sequence[Path]) -> None:
        """Take the folders below which it may change something."""
        self._folders = folders

    async def keep(self, do: str, arguments: Document) -> list[Kept]:
        """Return the file as it is."""
        del do
        file = self._inside(arguments["path"])
        before = await asyncio.to_thread(file.read_bytes) if file.is_file() else None
        text = None if before is None else base64.b64encode(before).decode()
        return [Kept(self.kind, str(file), text)]

    async def make(self, do: str, arguments: Document) -> object:
        """Replace texts in it, write it, or delete it."""
        file = self._inside(arguments["path"])
        if do == "delete":
            file.unlink(missing_ok=True)
        elif do == "write":
            await asyncio.to_thread(replace_file, file, str(arguments["text"]).encode())
        else:
            await asyncio.to_thread(replace_file, file, _replaced(file, arguments["texts"]).encode())
        return None

    async def put_back(self, kept: Kept) -> None:
        """Write what was in it, or delete it."""
        file = self._inside(kept.key)
        if kept.before is None:
            file.unlink(missing_ok=True)
            return
        before = base64.b64decode(kept.before)
        if not file.is_file() or file.read_bytes() != before:
            await asyncio.to_thread(replace_file, file, before)

    def _inside(self, path: object) -> Path:
        file = Path(str(path))
        if not any(file.resolve().is_relative_to(folder.resolve()) for folder in self._folders):
            raise DrillError(f"{file} lies outside of the checkout: no drill touches it.")
        return file


def _replaced(file: Path, texts: Sequence[Sequence[str]]) -> str:
    text = file.read_bytes().decode() if file.is_file() else ""
    for old, new in texts:
        if old not in text:
            raise DrillError(
                f"This drill changes {file.name} where it says “{old.strip().splitlines()[0]}”, and yours is"
                " written in another way. To have it as the workshop writes it:"
                " workshop-tui reset edit-code, then workshop-tui solve edit-code."
            )
        text = text.replace(old, new)
    return text


def _held(manifest: bytes) -> bytes:
    """Return the same manifest with a note, so that it has another digest."""
    document = json.loads(manifest)
    notes = {**document.get("annotations", {}), "workshop-tui/drill": "held until the drill ends"}
    return json.dumps({**document, "annotations": notes}).encode()


class ImageInjector:
    """Has the registry forget the learner's image, or pushes another one over it."""

    kind = "image"

    def __init__(self, registry: Registry, image: str) -> None:
        """Take the registries, and which image is the learner's."""
        self._registry = registry
        self._reference = parse_reference(image)

    async def keep(self, do: str, arguments: Document) -> list[Kept]:
        """Return the manifest as it is, and note what will be in its place."""
        async with self._registry.connect(self._reference) as client:
            found = await self._manifest(client)
            if found is None:
                raise DrillError(f"The registry has no {self._reference} (any more). Push it again first.")
            if do == "copy":
                return [await self._new(client, arguments, found)]
            made = ""
            if do == "replace":
                arguments["config"], arguments["manifest"] = await self._other(client, found, arguments)
                made = digest_of(arguments["manifest"])
        body = base64.b64encode(found.content).decode()
        before = {"body": body, "type": found.headers["Content-Type"]}
        return [Kept(self.kind, str(self._reference), before, made)]

    async def make(self, do: str, arguments: Document) -> object:
        """Delete the manifest, push the other one, or copy it and return the copy's `image` and `digest`."""
        if do == "copy":
            return await self._copy(arguments)
        if do == "delete":
            await self._hold()
            if not await self._registry.delete(self._reference):
                raise DrillError(f"{self._reference.registry} does not delete images.")
            return None
        config: bytes = arguments["config"]
        async with self._registry.connect(self._reference) as client:
            blob = Blob(digest_of(config), len(config), config)
            async for _ in self._registry.push_blob(client, self._reference, blob):
                pass
            kind = json.loads(arguments["manifest"])["mediaType"]
            await self._registry.push_manifest(client, self._reference, arguments["manifest"], kind)
        return None

    async def put_back(self, kept: Kept) -> None:
        """Push the manifest again, unless somebody has pushed another image meanwhile: that is theirs."""
        reference = parse_reference(kept.key)
        async with self._registry.connect(reference) as client:
            found = await self._manifest(client, reference)
            if found is not None and digest_of(found.content) != kept.made:
                return
            if kept.before is None:
                if found is not None:
                    await self._registry.delete(reference)
                return
            body = base64.b64decode(kept.before["body"])
            await self._registry.push_manifest(client, reference, body, kept.before["type"])
            held = digest_of(_held(body))
            await client.delete(f"/v2/{reference.repository}/manifests/{held}")

    async def _hold(self) -> None:
        """Push the manifest under another digest and no tag: the registry keeps the layers it names."""
        async with self._registry.connect(self._reference) as client:
            found = await self._manifest(client)
            if found is None:
                return
            held = _held(found.content)
            nameless = replace(self._reference, tag=digest_of(held))
            await self._registry.push_manifest(client, nameless, held, found.headers["Content-Type"])

    async def _new(self, client: httpx.AsyncClient, arguments: Document, found: httpx.Response) -> Kept:
        """Return where the copy will be; only where nothing is."""
        copy = replace(self._reference, repository=str(arguments["repository"]))
        if await self._manifest(client, copy) is not None:
            raise DrillError(f"{copy} is there already, which this drill would make.")
        return Kept(self.kind, str(copy), None, digest_of(found.content))

    async def _copy(self, arguments: Document) -> Document:
        """Have the registry link the image's blobs into the other repository, and put the manifest there."""
        copy = replace(self._reference, repository=str(arguments["repository"]))
        async with self._registry.connect(self._reference) as client:
            found = await self._manifest(client)
            if found is None:
                raise DrillError(f"The registry has no {self._reference} (any more). Push it again first.")
            manifest = found.json()
            for blob in (manifest["config"], *manifest["layers"]):
                query = {"mount": blob["digest"], "from": self._reference.repository}
                path = f"/v2/{copy.repository}/blobs/uploads/"
                (await client.post(path, params=query, content=b"")).raise_for_status()
            kind = found.headers["Content-Type"]
            digest = await self._registry.push_manifest(client, copy, found.content, kind)
        return {"image": str(copy), "digest": digest}

    async def _manifest(
        self, client: httpx.AsyncClient, reference: Reference | None = None
    ) -> httpx.Response | None:
        reference = reference or self._reference
        path = f"/v2/{reference.repository}/manifests/{reference.tag}"
        answer = await client.get(path, headers={"Accept": ACCEPT})
        if answer.status_code == NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer

    async def _other(
        self, client: httpx.AsyncClient, found: httpx.Response, arguments: Document
    ) -> tuple[bytes, bytes]:
        """Return configuration and manifest of the same files made now for another architecture."""
        manifest = found.json()
        if "config" not in manifest:
            raise DrillError(f"{self._reference} is an index of several images: push one for linux/amd64.")
        path = f"/v2/{self._reference.repository}/blobs/{manifest['config']['digest']}"
        config = (await client.get(path)).raise_for_status().json()
        config |= {"architecture": arguments["architecture"], "created": datetime.now(UTC).isoformat()}
        body = json.dumps(config).encode()
        changed = {"digest": digest_of(body), "size": len(body)}
        kind = manifest.get("mediaType") or found.headers["Content-Type"]
        return body, json.dumps(
            {**manifest, "mediaType": kind, "config": {**manifest["config"], **changed}}
        ).encode()
