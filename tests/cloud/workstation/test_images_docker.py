"""Building and pushing with a Docker daemon, where one answers; skipped loudly where none does."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docker.errors import DockerException
from workstation_world import open_images, serving_registry

from workshop_tui.authoring import ActionError
from workshop_tui.cloud import docker_client
from workshop_tui.cloud.docker_builder import BASE_IMAGE, no_docker, with_base_image

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SOCKET = Path("/var/run/docker.sock")
HAS_SOCKET = SOCKET.exists()


def docker(*arguments: str) -> bytes:
    """Ask the learner's own docker."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True).stdout


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[str]:
    if not await docker_client.answers():
        pytest.skip("NO DOCKER DAEMON ANSWERS HERE: building with Docker is not tested")
    folder = tmp_path / "registry"
    folder.mkdir()
    async with serving_registry(folder) as address:
        yield address


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A context that needs no base image, and has never been built: Docker dates a known one back."""
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /app/\n")
    (folder / "main.py").write_text(f"print('hello {uuid.uuid4()}')\n")
    (folder / ".env").write_text("OPENAI_API_KEY=secret\n")
    return folder


async def test_what_docker_pushes_is_found_by_its_digest(registry: str, context: Path) -> None:
    images, reference = open_images(context.parent, "auto"), f"{registry}/docker-app:1h"
    steps = [step async for step in images.build_and_push(context, reference)]
    assert images.builder == "docker"
    found = await images.find(reference, None)
    assert found is not None
    assert (found.digest, found.platforms) == (steps[-1].item, ("linux/amd64",))
    assert found.expires is not None
    assert await images.is_made_of(reference, found.digest, context) is True
    (context / "main.py").write_text("print('bye')\n")
    assert await images.is_made_of(reference, found.digest, context) is False
    layers = {step.item for step in steps if step.text == f"Layer {step.item}: pushed"}
    assert layers, "each is told by its name"
    content = docker("save", reference)
    assert b"main.py" in content
    assert b"OPENAI_API_KEY" not in content
    docker("rmi", "--force", reference)


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ("FORM scratch\n", "unknown instruction"),
        ("FROM scratch\nCOPY nothing /\n", "nothing"),
        ("FROM 127.0.0.1:9/none:1h\n", "127.0.0.1:9"),
    ],
)
async def test_a_failed_build_is_told_in_dockers_words(
    dockerfile: str, said: str, registry: str, context: Path
) -> None:
    (context / "Dockerfile").write_text(dockerfile)
    with pytest.raises(ActionError, match="could not be built") as refused:
        async for _ in open_images(context.parent, "docker").build_and_push(context, f"{registry}/broken:1h"):
            pass
    assert said in refused.value.what


async def test_a_push_that_nobody_takes_is_told(registry: str, context: Path, unused_tcp_port: int) -> None:
    assert registry
    reference = f"127.0.0.1:{unused_tcp_port}/docker-app:1h"
    with pytest.raises(ActionError, match="could not be pushed"):
        async for _ in open_images(context.parent, "docker").build_and_push(context, reference):
            pass
    docker("rmi", "--force", reference)


async def test_leaving_a_build_early_ends_it_at_the_daemon(registry: str, context: Path) -> None:
    base = "python:3.11-slim-bookworm"
    if not docker("images", "--quiet", base):
        pytest.skip(f"NO {base} HERE: cancelling a build is not tested")
    (context / "Dockerfile").write_text(f"FROM {base}\nRUN echo started && sleep 300 # {registry}\n")
    progress = open_images(context.parent, "docker").build_and_push(context, f"{registry}/slow:1h")
    async with asyncio.timeout(60):
        async for step in progress:
            if step.text == "started":
                break
    await progress.aclose()  # type: ignore[attr-defined] # an async generator
    async with asyncio.timeout(20):
        while b"sleep 300" in docker("ps", "--no-trunc", "--format", "{{.Command}}"):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.2)


class Relay:
    """Stands between us and the daemon, and can be taken away as a daemon that stops."""

    def __init__(self, path: Path) -> None:
        self.address = f"unix://{path}"
        self._path = path
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(SOCKET)
        self._writers += [writer, back]
        await asyncio.gather(_pump(reader, back), _pump(there, writer), return_exceptions=True)

    def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()


async def build_until_started(context: Path, reference: str, then: Callable[[], None]) -> None:
    async for step in open_images(context.parent, "docker").build_and_push(context, reference):
        if step.text == "started":
            then()


async def test_a_daemon_that_stops_in_the_middle_is_told_as_that(
    registry: str, context: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    base = "python:3.11-slim-bookworm"
    if not docker("images", "--quiet", base) or not HAS_SOCKET:
        pytest.skip(f"NO {base} OR SOCKET HERE: a daemon that stops in the middle is not tested")
    (context / "Dockerfile").write_text(f"FROM {base}\nRUN echo started && sleep 300 # again {registry}\n")
    async with Relay(tmp_path / "relay.sock") as relay, asyncio.timeout(60):
        monkeypatch.setenv("DOCKER_HOST", relay.address)
        with pytest.raises(ActionError, match="Docker went away in the middle") as told:
            await build_until_started(context, f"{registry}/slow:1h", relay.stop)
    assert "docker info" in told.value.remedy


def test_a_socket_that_one_may_not_use_is_told_apart() -> None:
    denied = DockerException("Error: ('Connection aborted.', PermissionError(13, 'Permission denied'))")
    assert "docker" in no_docker(denied).remedy
    assert "permission denied" in no_docker(denied).what
    assert no_docker(DockerException("refused")).remedy == "Start Docker, then try again."


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM python:3.11\nRUN x\n", "FROM mine\nRUN x\n"),
        ("FROM --platform=linux/amd64 python AS a\n", "FROM --platform=linux/amd64 mine AS a\n"),
        ("FROM node AS build\nFROM python\n", "FROM node AS build\nFROM mine\n"),
        ("from ${BASE}\n", "from mine\n"),
    ],
)
def test_another_base_image_takes_the_last_ones_place(dockerfile: str, expected: str) -> None:
    assert with_base_image(dockerfile, "mine") == expected
    assert with_base_image(dockerfile, "") == dockerfile
    assert BASE_IMAGE == "WORKSHOP_TUI_BASE_IMAGE"
