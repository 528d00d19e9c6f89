"""Hearing that something in the namespace has changed: on the practice cluster, and where watches break."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest

from workshop_tui.cloud import namespace_watch as watch_module
from workshop_tui.cloud.cluster import ClusterClient
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.namespace_watch import NamespaceWatch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from workshop_tui.cloud import Cloud

    Listen = Callable[["ApiServer"], AsyncGenerator[None, None]]

SECONDS = 20.0


async def next_of(changes: AsyncGenerator[None, None]) -> None:
    async with asyncio.timeout(SECONDS):
        await anext(changes)


async def is_quiet(changes: AsyncGenerator[None, None], seconds: float = 0.6) -> bool:
    waiting = asyncio.ensure_future(anext(changes))
    done, _ = await asyncio.wait([waiting], timeout=seconds)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return not done


def account(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


async def test_changes_in_the_practice_cluster_are_heard_and_told_together(cloud: Cloud) -> None:
    connector = cloud.services()[ClusterConnector]
    assert isinstance(connector, ClusterConnector)
    client = await connector.open_for_change()
    names = [f"changed-{number}" for number in range(5)]
    async with aclosing(NamespaceWatch(client, "default").changes()) as changes:
        heard = asyncio.ensure_future(anext(changes))
        # Nobody tells when the watches are open; what happens until then is not heard.
        while not heard.done():
            await client.create("ServiceAccount", "default", account(names[0]))
            await client.delete("ServiceAccount", "default", names[0])
            await asyncio.wait([heard], timeout=0.3)
        for name in names:
            await client.create("ServiceAccount", "default", account(name))
        await next_of(changes)
    for name in names:
        await client.delete("ServiceAccount", "default", name)


def event(kind: str, version: int) -> bytes:
    told = {"type": kind, "object": {"metadata": {"name": "x", "resourceVersion": str(version)}}}
    return json.dumps(told).encode() + b"\n"


GONE = json.dumps({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}).encode()


@dataclass
class ApiServer(httpx.AsyncBaseTransport):
    """Lists are at the version `at`; each watch of pods gets the next of `said`, all others stay silent.

    What is said is the whole body of a watch, after which it ends; None breaks the connection; an empty
    queue, as the other kinds, leaves it open without a word.
    """

    at: int = 10
    said: deque[bytes | None] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    refuse: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.refuse:
            return httpx.Response(self.refuse, json={"kind": "Status", "code": self.refuse})
        pods = request.url.path.endswith("/pods")
        if "watch" not in request.url.params:
            if pods:
                self.asked.append("list")
            return httpx.Response(200, json={"metadata": {"resourceVersion": str(self.at)}, "items": []})
        if not pods:
            return httpx.Response(200, content=_silence())
        self.asked.append(request.url.params["resourceVersion"])
        if not self.said:
            return httpx.Response(200, content=_silence())
        body = self.said.popleft()
        if body is None:
            raise httpx.ReadError("connection lost")
        return httpx.Response(200, content=body)


async def _silence() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


@pytest.fixture
def listen_to(monkeypatch: pytest.MonkeyPatch) -> Listen:
    monkeypatch.setattr(watch_module, "PAUSE_SECONDS", 0.01)

    def listen(server: ApiServer) -> AsyncGenerator[None, None]:
        http = httpx.AsyncClient(transport=server, base_url="https://cluster")
        return NamespaceWatch(ClusterClient(http, server="", source=""), "default").changes()

    return listen


async def test_a_watch_that_ends_goes_on_where_it_was(listen_to: Listen) -> None:
    server = ApiServer(said=deque([event("MODIFIED", 11), b"", None, event("BOOKMARK", 20), b""]))
    async with aclosing(listen_to(server)) as changes:
        await next_of(changes)
        assert await is_quiet(changes), "a bookmark is no change"
    assert server.asked == ["list", "10", "11", "11", "11", "20", "20"]


async def test_a_version_that_is_too_old_is_told_as_a_change_and_read_anew(listen_to: Listen) -> None:
    server = ApiServer(said=deque([GONE]))
    async with aclosing(listen_to(server)) as changes:
        await next_of(changes)
    assert server.asked == ["list", "10", "list", "10"]


async def test_a_flood_is_told_once_a_second(listen_to: Listen) -> None:
    server = ApiServer(said=deque([b"".join(event("MODIFIED", number) for number in range(11, 500))]))
    async with aclosing(listen_to(server)) as changes:
        await next_of(changes)
        assert await is_quiet(changes)


@pytest.mark.parametrize("status", [401, 403, 503])
async def test_where_nothing_may_be_watched_it_ends_without_an_error(listen_to: Listen, status: int) -> None:
    async with asyncio.timeout(SECONDS):
        assert [change async for change in listen_to(ApiServer(refuse=status))] == []


async def test_leaving_ends_all_watches(listen_to: Listen) -> None:
    changes = listen_to(ApiServer(said=deque([event("ADDED", 11)])))
    await next_of(changes)
    await changes.aclose()
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not any(name.startswith(("watch", "listen")) for name in names)
