"""Building without Docker: the app and its installed requirements, packed as an image without a base system.

Only where something runs such an image: the practice cluster, which brings Python itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.authoring import ActionError, Working
from workshop_tui.cloud.atomic import beside, put_in_place, remove_folder, sweep
from workshop_tui.cloud.build_context import image_files
from workshop_tui.cloud.errors import explain_connection
from workshop_tui.cloud.layers import pack, tree
from workshop_tui.cloud.oci import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, digest_of, parse_reference
from workshop_tui.cloud.processes import CommandError, stream_command
from workshop_tui.cloud.python_runtime import (
    APP_PYTHON,
    INSTALL_SECONDS,
    find_uv,
    install_problem,
    told_of_install,
    tool_environment,
)
from workshop_tui.cloud.registry import Blob

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from workshop_tui.cloud.oci import Reference
    from workshop_tui.cloud.registry import Registry

PLATFORM = "x86_64-manylinux_2_28"
SITE = "opt/site-packages"
APP = "app"
_COMMAND = ("python", "-m", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "5001")  # noqa: S104 - in a pod
_KEPT_LAYERS = 3
_TELLING_STEP = 0.1
"""Progress is told when so much more of a layer has gone."""


@dataclass(frozen=True, slots=True)
class _Layer:
    blob: Blob
    text: str


class EmbeddedBuilder:
    """Builds and pushes with uv, tar and HTTP alone."""

    def __init__(self, cache: Path, registry: Registry) -> None:
        """Take the folder where big layers are kept between builds, and where to push."""
        self._cache = cache
        self._registry = registry

    async def build_and_push(self, context: Path, reference: str) -> AsyncIterator[Working]:
        """Pack the app and push it; the last item yielded is the manifest's digest.

        Raises:
            ActionError: the requirements do not install, or the registry refuses or does not answer.

        """
        wanted = parse_reference(reference)
        requirements = context / "requirements.txt"
        place = await asyncio.to_thread(self._place, requirements)
        async for line in self._install_layer(requirements, place):
            yield Working(line, item="requirements")
        kept = await asyncio.to_thread(_kept_layer, place)
        yield Working(_packed(kept), 1.0, "requirements")
        app = await asyncio.to_thread(_app_layer, context)
        yield Working(_packed(app))
        layers = [kept, app]
        config = await asyncio.to_thread(_config, context, layers)
        try:
            async for progress in self._push(wanted, layers, config):
                yield progress
        except httpx.HTTPError as error:
            raise ActionError(
                f"{wanted.registry} does not answer: {explain_connection(error)}.",
                "See that the registry is up, then try again.",
            ) from error

    async def _push(
        self, reference: Reference, layers: list[_Layer], config: bytes
    ) -> AsyncIterator[Working]:
        config_blob = _memory_blob(config)
        parts = [*((layer.text, layer.blob) for layer in layers), ("the image's configuration", config_blob)]
        async with self._registry.connect(reference) as client:
            for text, blob in parts:
                short = blob.digest.removeprefix("sha256:")[:12]
                told = -1.0
                async for sent, was_there in self._registry.push_blob(client, reference, blob):
                    said = "is there already" if was_there else f"{sent // 1024} of {blob.size // 1024} KiB"
                    fraction = sent / max(blob.size, 1)
                    if fraction - told >= _TELLING_STEP or sent == blob.size:
                        told = fraction
                        yield Working(f"{text}: {said}", fraction, short)
            manifest = _manifest(config_blob, [layer.blob for layer in layers])
            digest = await self._registry.push_manifest(client, reference, manifest, OCI_MANIFEST)
        yield Working(f"Pushed {reference}", 1.0, digest)

    async def _install_layer(self, requirements: Path, place: Path) -> AsyncIterator[str]:
        """Install and pack the requirements, unless that was done before; yield what happens."""
        if await asyncio.to_thread((place / "layer.json").is_file):
            return
        self._cache.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(sweep, place)
        part = beside(place)
        try:
            async for line in _install(requirements, part / "site-packages"):
                yield line
            yield "Packing what was installed"
            await asyncio.to_thread(_keep_layer, part)
            await asyncio.to_thread(put_in_place, part, place, "layer.json")
            await asyncio.to_thread(self._forget_old)
        except OSError as error:
            raise ActionError(
                f"The image could not be packed: {error.strerror or error}.",
                f"See that {self._cache} can be written to and that the disk is not full, then try again.",
            ) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)

    def _place(self, requirements: Path) -> Path:
        """Return where the layer of these requirements is kept."""
        try:
            content = requirements.read_bytes()
        except OSError as error:
            raise ActionError(
                f"{requirements} cannot be read: {error.strerror}.", "Get the shop's source first."
            ) from error
        return (
            self._cache
            / hashlib.sha256(f"{APP_PYTHON} {PLATFORM} {SITE}\n".encode() + content).hexdigest()[:16]
        )

    def _forget_old(self) -> None:
        kept = sorted(self._cache.glob("*/layer.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in kept[_KEPT_LAYERS:]:
            remove_folder(file.parent)


async def _install(requirements: Path, target: Path) -> AsyncIterator[str]:
    arguments: list[str | Path] = [find_uv(), "pip", "install", "--target", target, "-r", requirements]
    arguments += ["--python-version", APP_PYTHON, "--python-platform", PLATFORM, "--only-binary", ":all:"]
    lines = stream_command(arguments, seconds=INSTALL_SECONDS, environment=tool_environment())
    try:
        async for line in told_of_install(lines):
            yield line
    except CommandError as error:
        raise install_problem(error) from error


def _keep_layer(part: Path) -> None:
    """Pack what was installed; the tar and what describes it are all that is kept."""
    site = part / "site-packages"
    with (part / "layer.tar").open("wb") as opened:
        digest, size = pack(opened, tree(site, SITE, leave={"__pycache__"}))
    (part / "layer.json").write_text(json.dumps({"digest": digest, "size": size}), encoding="utf-8")
    shutil.rmtree(site)


def _kept_layer(place: Path) -> _Layer:
    described = json.loads((place / "layer.json").read_text(encoding="utf-8"))
    blob = Blob(described["digest"], described["size"], place / "layer.tar")
    return _Layer(blob, "the installed requirements")


def _app_layer(context: Path) -> _Layer:
    packed = io.BytesIO()
    pack(packed, [(f"{APP}/{name}", context / name) for name in image_files(context)])
    return _Layer(_memory_blob(packed.getvalue()), "the app")


def _packed(layer: _Layer) -> str:
    return f"Packed {layer.text}: {layer.blob.size // 1024} KiB"


def _memory_blob(content: bytes) -> Blob:
    return Blob(digest_of(content), len(content), content)


def _config(context: Path, layers: list[_Layer]) -> bytes:
    command, port = _start(context / "Dockerfile")
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", f"PYTHONPATH=/{SITE}", "PYTHONUNBUFFERED=1"],
            "WorkingDir": f"/{APP}",
            "Cmd": list(command),
            "ExposedPorts": {f"{port}/tcp": {}},
            "Labels": {"dev.workshop-tui.builder": "embedded", "dev.workshop-tui.python": APP_PYTHON},
        },
        "rootfs": {"type": "layers", "diff_ids": [layer.blob.digest for layer in layers]},
        "history": [{"created_by": f"workshop-tui: {layer.text}"} for layer in layers],
    }
    return json.dumps(document, sort_keys=True).encode()


def _start(dockerfile: Path) -> tuple[tuple[str, ...], int]:
    """Read how the app is started from the Dockerfile; what it does not say is as the workshop's has it."""
    try:
        text = dockerfile.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
    except OSError:
        text = ""
    ports = re.findall(r"^\s*EXPOSE\s+(\d+)", text, re.IGNORECASE | re.MULTILINE)
    commands = re.findall(r"^\s*CMD\s+(\[.*\])\s*$", text, re.IGNORECASE | re.MULTILINE)
    try:
        found: Any = json.loads(commands[-1]) if commands else []
    except ValueError:
        found = []
    command = tuple(found) if found and all(isinstance(part, str) for part in found) else _COMMAND
    if command[0] == "uvicorn":
        # Nothing is on the image's PATH: the module stands for the program that pip would have made.
        command = ("python", "-m", *command)
    return command, int(ports[-1]) if ports else 5001


def _manifest(config: Blob, layers: list[Blob]) -> bytes:
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": OCI_CONFIG, "digest": config.digest, "size": config.size},
        "layers": [{"mediaType": OCI_LAYER, "digest": layer.digest, "size": layer.size} for layer in layers],
    }
    return json.dumps(document, sort_keys=True).encode()
