"""Services on loopback that answer, refuse, hang, or live in another time."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from workshop_tui.cloud.machine import app_python, reach
from workshop_tui.cloud.machine.reach import read_reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TLS = ssl.create_default_context()


@asynccontextmanager
async def service(answer: bytes | None) -> AsyncIterator[str]:
    """Serve one answer to whatever is asked; None for a service that says nothing."""
    closing = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await closing.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        closing.set()


def answer(status: str, date: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close"]
    return "\r\n".join([*lines, *([f"Date: {date}"] if date else []), "", ""]).encode()


async def test_the_clock_is_compared_with_the_answers_date() -> None:
    async with service(answer("404 Not Found", formatdate(time.time() - 600, usegmt=True))) as url:
        found = await read_reach(url, TLS)
    assert found.status == 404
    assert found.ahead_seconds is not None
    assert 590 < found.ahead_seconds < 640


@pytest.mark.parametrize("date", ["", "yesterday"])
async def test_an_answer_without_a_date_is_an_answer(date: str) -> None:
    async with service(answer("200 OK", date)) as url:
        found = await read_reach(url, TLS)
    assert (found.status, found.ahead_seconds, found.problem) == (200, None, "")


async def test_a_service_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_SECONDS", 0.2)
    async with service(None) as url:
        found = await read_reach(url, TLS)
    assert (found.status, found.problem) == (0, "no answer in time")


async def test_a_resolver_that_does_not_answer_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = threading.Event()
    monkeypatch.setattr(reach, "_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ending.wait(60))
    try:
        found = await read_reach("https://management.azure.com/", TLS)
    finally:
        ending.set()
    assert found.problem == "looking up the name management.azure.com takes too long"


async def test_behind_a_proxy_only_the_proxys_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    found = await read_reach("https://known-to-the-proxy-alone.invalid/", TLS)
    assert found.problem == "nothing listens at its address"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:9/", "nothing listens at its address"),
        ("https://no-such-name.invalid/", "its name cannot be found: no network, or a wrong address"),
        ("nonsense", ""),
    ],
)
async def test_a_service_that_is_not_there(url: str, problem: str) -> None:
    found = await read_reach(url, TLS)
    assert found.status == 0
    assert problem in found.problem
    assert found.problem


async def test_without_python_311_uv_says_where_it_would_load_one_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def none() -> None:
        return None

    monkeypatch.setattr(app_python, "find_python", none)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    async with service(answer("200 OK")) as url:
        monkeypatch.setattr(app_python, "read_reach", lambda _url, tls: read_reach(url, tls))
        found = await app_python.read_app_python(TLS)
    assert found.path == ""
    assert "cpython-3.11" in found.download
    assert found.problem == ""


async def test_a_mirror_of_the_learners_is_asked_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    async def none() -> None:
        return None

    monkeypatch.setattr(app_python, "find_python", none)
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "https://127.0.0.1:9/mirror")
    found = await app_python.read_app_python(TLS)
    assert found.download == "https://127.0.0.1:9/mirror"
    assert found.problem == "nothing listens at its address"
