"""The node's images: pulled by digest over the distribution protocol, unpacked once, kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.practice.cluster.kubelet.image_trees import put_together
from workshop_tui.practice.cluster.kubelet.pull_errors import PullError, no_such_host, not_found, unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.references import ImageReference
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.store import Store

BUILDER_LABEL = "dev.workshop-tui.builder"
PYTHON_LABEL = "dev.workshop-tui.python"
_IMAGES = "node-image"
_TIMEOUT = httpx.Timeout(10.0, read=60.0)
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        *_INDEXES,
    )
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image this node has.

    Attributes:
        reference: as the pod names it.
        digest: of its manifest.
        size: bytes of its config and layers in the registry.
        config: the image's configuration document.
        root: where its files are.

    """

    reference: ImageReference
    digest: str
    size: int
    config: dict[str, Any]
    root: Path

    @property
    def image_id(self) -> str:
        """What `containerStatuses[].imageID` says."""
        return f"{self.reference.name}@{self.digest}"

    @property
    def settings(self) -> dict[str, Any]:
        """The `config` part, with Env, Cmd, WorkingDir and Labels."""
        return self.config.get("config") or {}

    @property
    def labels(self) -> dict[str, str]:
        """The image's labels."""
        return self.settings.get("Labels") or {}


class ImageCache:
    """Images under `folder/images/<digest>/`; which reference is which digest stands in the store."""

    def __init__(self, practice: Practice) -> None:
        self._folder = practice.options.folder / "images"
        self._layers = self._folder / "layers"
        self._store: Store = practice.store
        self._pulls: dict[str, asyncio.Lock] = {}

    def present(self, reference: ImageReference) -> Image | None:
        """Return the image this reference stood for when it was pulled, if the node still has it."""
        known = self._store.read(_IMAGES, reference.text)
        return None if known is None else self._open(reference, known["digest"])

    async def pull(self, reference: ImageReference) -> Image:
        """Ask the registry what the reference stands for now, and get what is not here yet.

        Raises:
            PullError: with the words containerd has for it.

        """
        try:
            image = await self._pulled(reference)
        except httpx.HTTPError as error:
            raise PullError(unreachable(reference, error)) from error
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise PullError(f'failed to pull and unpack image "{reference.text}": {error}') from error
        self._store.write(_IMAGES, reference.text, {"digest": image.digest})
        return image

    def collect(self, used: set[str]) -> None:
        """Forget the images that none of these references (a pod's words) names, and layers nothing needs."""
        known = dict(self._store.scan(_IMAGES))
        kept = {entry["digest"].removeprefix("sha256:") for text, entry in known.items() if text in used}
        for text in known.keys() - used:
            self._store.remove(_IMAGES, text)
        layers: set[str] = set()
        for place in self._folder.glob("[!l]*"):
            if place.name in kept and (place / "image.json").is_file():
                layers.update(json.loads((place / "image.json").read_text())["layers"])
            else:
                shutil.rmtree(place, ignore_errors=True)
        for place in self._layers.glob("*"):
            if place.name not in layers:
                shutil.rmtree(place, ignore_errors=True)

    async def _pulled(self, reference: ImageReference) -> Image:
        if not reference.is_local:
            raise PullError(no_such_host(reference))
        base = f"http://{reference.host}/v2/{reference.repository}"
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            digest, manifest = await self._manifest(client, base, reference)
            async with self._pulls.setdefault(digest, asyncio.Lock()):
                image = self._open(reference, digest)
                if image is None:
                    await self._download(client, base, digest, manifest)
                    image = self._open(reference, digest)
        if image is None:
            raise PullError(f'failed to pull and unpack image "{reference.text}": it did not stay')
        return image

    async def _manifest(
        self, client: httpx.AsyncClient, base: str, reference: ImageReference
    ) -> tuple[str, dict[str, Any]]:
        wanted = reference.wanted
        for _ in range(2):  # an index, then the image for this node's platform
            answer = await client.get(f"{base}/manifests/{wanted}", headers={"Accept": _ACCEPT})
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise PullError(not_found(reference))
            answer.raise_for_status()
            digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
            if wanted.startswith("sha256:") and wanted != digest:
                raise ValueError(f"failed size or digest validation: {digest} is not {wanted}")
            manifest = answer.json()
            if answer.headers.get("content-type") not in _INDEXES:
                return digest, manifest
            wanted = _for_this_platform(manifest)
        raise ValueError("an index lists an index")

    async def _download(
        self, client: httpx.AsyncClient, base: str, digest: str, manifest: dict[str, Any]
    ) -> None:
        """Fetch config and layers by digest, put the image's tree together, and show it when it is whole."""
        self._layers.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f".{secrets.token_hex(8)}"
        draft.mkdir()
        try:
            blob = draft / "blob"
            await self._blob(client, base, manifest["config"]["digest"], blob)
            config = json.loads(blob.read_text())
            layers = []
            if is_embedded(config):  # Docker's images are pulled and unpacked by the Docker daemon
                layers = [layer["digest"].removeprefix("sha256:") for layer in manifest["layers"]]
                await self._fetch_layers(client, base, layers, draft)
                await asyncio.to_thread(put_together, layers, draft, self._layers)
            (draft / "root").mkdir(exist_ok=True)
            size = sum(part["size"] for part in [manifest["config"], *manifest["layers"]])
            about = {"size": size, "config": config, "layers": layers}
            blob.unlink(missing_ok=True)
            (draft / "image.json").write_text(json.dumps(about))
            draft.replace(self._place(digest))
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    async def _fetch_layers(
        self, client: httpx.AsyncClient, base: str, layers: list[str], draft: Path
    ) -> None:
        """Get the layers that are not unpacked here from another image."""
        for layer in layers:
            if not (self._layers / layer).is_dir():
                await self._blob(client, base, f"sha256:{layer}", draft / layer)

    @staticmethod
    async def _blob(client: httpx.AsyncClient, base: str, digest: str, target: Path) -> None:
        hasher = hashlib.sha256()
        async with client.stream("GET", f"{base}/blobs/{digest}") as answer:
            answer.raise_for_status()
            with target.open("wb") as file:
                async for data in answer.aiter_raw():
                    hasher.update(data)
                    file.write(data)
        if f"sha256:{hasher.hexdigest()}" != digest:
            raise ValueError(f"failed size or digest validation of {digest}")

    def _open(self, reference: ImageReference, digest: str) -> Image | None:
        place = self._place(digest)
        try:
            about = json.loads((place / "image.json").read_text())
        except FileNotFoundError:
            return None
        return Image(reference, digest, about["size"], about["config"], place / "root")

    def _place(self, digest: str) -> Path:
        return self._folder / digest.removeprefix("sha256:")


def is_embedded(config: dict[str, Any]) -> bool:
    """Return whether the embedded builder made the image, so that the node runs it as a plain process."""
    return BUILDER_LABEL in ((config.get("config") or {}).get("Labels") or {})


def _for_this_platform(index: dict[str, Any]) -> str:
    for entry in index["manifests"]:
        platform = entry.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            return str(entry["digest"])
    raise ValueError("no match for platform in manifest: not found")
