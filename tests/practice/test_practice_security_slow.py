"""Clients that take for ever lose their connection; those that wait for an answer do not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workshop_tui.practice import listeners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
SECONDS = 20.0


class App:
    """Answers once it may."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.asked.set()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[App, int]]:
    """An app behind a listener whose patience is short."""
    monkeypatch.setattr(listeners, "HEAD_SECONDS", 0.1)
    app = App()
    listener = listeners.Listener(listeners.configuration(app, Path(), Path(), tls=False))
    with socket.create_server(("127.0.0.1", 0)) as opened:
        serving = asyncio.create_task(listener.serve(sockets=[opened]))
        await listener.ready.wait()
        yield app, opened.getsockname()[1]
        app.may_answer.set()
        listener.leave()
        await serving


async def test_slow_heads_are_given_up(served: tuple[App, int]) -> None:
    _, port = served
    for begun in (b"", b"GET / HT", HEAD, HEAD + b"X-Slow: "):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        async with asyncio.timeout(SECONDS):
            assert await reader.read() == b"", begun
        writer.close()


async def test_who_waits_for_an_answer_gets_it(served: tuple[App, int]) -> None:
    app, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"\r\n")
    await app.asked.wait()
    slow_reader, slow_writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(SECONDS):
        assert await slow_reader.read() == b"", "long after the other came"
        app.may_answer.set()
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.close()
    slow_writer.close()
