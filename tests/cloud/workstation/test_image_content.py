"""What an image was made of is read from the image itself: a push by hand leaves no note."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest
from workstation_world import connect, open_images, serving_registry

from workshop_tui.cloud.image_content import ImageContent
from workshop_tui.cloud.oci import OCI_INDEX, OCI_MANIFEST, digest_of, parse_reference
from workshop_tui.cloud.registry import Blob, Registry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

CODE = b"print('hello')\n"
OTHER = b"print('bye')\n"


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    folder = tmp_path / "registry"
    folder.mkdir()
    async with serving_registry(folder) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service of one file, and a test that its Dockerfile leaves out."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "main.py").write_bytes(CODE)
    (context / "test_main.py").write_bytes(b"assert True\n")
    return context


def layer(files: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(target.getvalue()) if packed else target.getvalue()


async def push(address: str, *layers: bytes, index: bool = False) -> tuple[str, str]:
    """Push an image of these layers, the lowest first; return its reference and digest."""
    registry, reference = Registry(connect), f"{address}/app:1h"
    place = parse_reference(reference)
    async with registry.connect(place) as client:

        async def put(content: bytes) -> dict[str, object]:
            blob = Blob(digest_of(content), len(content), content)
            async for _ in registry.push_blob(client, place, blob):
                pass
            return {"digest": blob.digest, "size": blob.size, "mediaType": "application/octet-stream"}

        config = await put(json.dumps({"os": "linux", "architecture": "amd64"}).encode())
        entries = [await put(content) for content in layers]
        manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": entries}
        content = json.dumps(manifest).encode()
        digest = await registry.push_manifest(client, place, content, OCI_MANIFEST)
        if index:
            entry = {"digest": digest, "size": len(content), "mediaType": OCI_MANIFEST}
            listed = [
                {**entry, "platform": {"os": "linux", "architecture": name}} for name in ("unknown", "amd64")
            ]
            document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}
            digest = await registry.push_manifest(client, place, json.dumps(document).encode(), OCI_INDEX)
    return reference, digest


async def made_of(folder: Path, reference: str, digest: str) -> bool | None:
    return await ImageContent(Registry(connect)).is_made_of(parse_reference(reference), digest, folder)


@pytest.mark.parametrize(
    ("layers", "verdict"),
    [
        ([{"app/main.py": CODE}], True),
        ([{"app/main.py": OTHER}], False),
        ([{"./srv/app/main.py": CODE}], True),
        ([{"app/main.py": OTHER}, {"app/main.py": CODE}], True),
        ([{"app/main.py": CODE}, {"app/main.py": OTHER}], False),
        ([{"app/main.py": OTHER}, {"app/.wh.main.py": b"", "src/main.py": CODE}], True),
        ([{"app/main.py": OTHER}, {"app/.wh..wh..opq": b""}], None),
        ([{"app/readme.md": CODE}], None),
    ],
    ids=["same", "other", "elsewhere", "mended-above", "spoilt-above", "moved", "emptied", "no-code"],
)
@pytest.mark.parametrize("index", [False, True], ids=["manifest", "index"])
async def test_an_image_tells_whether_it_is_made_of_the_source(
    address: str, folder: Path, layers: list[dict[str, bytes]], *, verdict: bool | None, index: bool
) -> None:
    reference, digest = await push(address, *map(layer, layers), index=index)
    assert await made_of(folder, reference, digest) is verdict


async def test_a_layer_that_is_not_packed_is_read_too(address: str, folder: Path) -> None:
    assert await made_of(folder, *await push(address, layer({"app/main.py": CODE}, packed=False))) is True


@pytest.mark.parametrize("content", [gzip.compress(bytes(80 * 1024 * 1024)), b"\x1f\x8bno gzip", b"no tar"])
async def test_what_cannot_be_read_tells_nothing(address: str, folder: Path, content: bytes) -> None:
    assert await made_of(folder, *await push(address, content)) is None


async def test_an_image_that_is_gone_tells_nothing(address: str, folder: Path) -> None:
    assert await made_of(folder, f"{address}/app:1h", "sha256:" + "0" * 64) is None
    assert await made_of(folder, "127.0.0.1:9/app:1h", "sha256:" + "0" * 64) is None


async def test_what_we_push_is_made_of_the_source(address: str, service: Path, home: Path) -> None:
    images, reference = open_images(home), f"{address}/app:1h"
    digest = [step async for step in images.build_and_push(service, reference)][-1].item
    assert await images.is_made_of(reference, digest, service) is True
    (service / "main.py").write_text("# another app\n")
    assert await images.is_made_of(reference, digest, service) is False
