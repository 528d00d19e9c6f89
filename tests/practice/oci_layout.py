"""A small image for two platforms as an OCI image layout on disk: what skopeo and crane push from."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

OCI = "application/vnd.oci.image"
PLATFORMS = ("amd64", "arm64")


def write_layout(folder: Path, words: str, *, compressed: bool = True) -> str:
    """Write an image whose one file holds these words; return the digest of its index."""
    (folder / "blobs" / "sha256").mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    images = [_image(folder, architecture, words, compressed=compressed) for architecture in PLATFORMS]
    index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": images}
    entry = _blob(folder, index, f"{OCI}.index.v1+json")
    named = {**entry, "annotations": {"org.opencontainers.image.ref.name": "made"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    return str(entry["digest"])


def _image(folder: Path, architecture: str, words: str, *, compressed: bool) -> dict[str, Any]:
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        data = f"{words} for {architecture}".encode()
        member = tarfile.TarInfo("words")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    plain = layer.getvalue()
    platform = {"architecture": architecture, "os": "linux"}
    layers = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}"]}
    sent, kind = (gzip.compress(plain, mtime=0), "tar+gzip") if compressed else (plain, "tar")
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": _blob(folder, {**platform, "config": {}, "rootfs": layers}, f"{OCI}.config.v1+json"),
        "layers": [_blob(folder, sent, f"{OCI}.layer.v1.{kind}")],
    }
    return {**_blob(folder, manifest, f"{OCI}.manifest.v1+json"), "platform": platform}


def _blob(folder: Path, content: bytes | dict[str, Any], media_type: str) -> dict[str, Any]:
    """Keep one blob; return the descriptor that speaks of it."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hashlib.sha256(data).hexdigest()
    (folder / "blobs" / "sha256" / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}
