"""HTTP/1.1 `Upgrade`: the place where a handler takes a whole connection over from uvicorn.

uvicorn knows one upgrade, to a WebSocket, and none to SPDY; a Kubernetes API server speaks both. So a request
that asks for either reaches the application as any other request does (authentication, routes and the request
log are the same), with an extension in its scope. To take the connection over, the application answers 101;
from then on it reads and writes `Upgrade.connection`. TLS stays as it is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Message, Receive, Scope, Send
    from uvicorn.protocols.http.flow_control import FlowControl

EXTENSION = "workshop-tui.upgrade"
"""The scope's extension that holds the `Upgrade` of a request that asks for one."""
KINDS = frozenset({"spdy/3.1", "websocket"})
_WAITING_BYTES = 1024 * 1024
"""Received and not yet read: more than this, and the client is made to wait."""


class Connection:
    """A connection without a protocol."""

    def __init__(self, transport: asyncio.Transport, flow: FlowControl) -> None:
        self._transport = transport
        self._flow = flow
        self._received: deque[bytes] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._ended = transport.is_closing()

    async def read(self) -> bytes:
        """Return what came next; b"" once the client has gone or the connection was closed."""
        while not self._received:
            if self._ended:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        data = self._received.popleft()
        self._size -= len(data)
        if self._size < _WAITING_BYTES:
            self._flow.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Send; waits while the client is slow. What is written to a closed connection is lost."""
        if not self._ended and not self._transport.is_closing():
            self._transport.write(data)
            await self._flow.drain()

    def close(self) -> None:
        """Send what is still to be sent, and end."""
        self._transport.close()
        self.end()

    def feed(self, data: bytes) -> None:
        """Take what the client sent."""
        self._received.append(data)
        self._size += len(data)
        if self._size >= _WAITING_BYTES:
            self._flow.pause_reading()
        self._arrived.set()

    def end(self) -> None:
        """Note that nothing more comes."""
        self._ended = True
        self._arrived.set()


@dataclass(slots=True)
class Upgrade:
    """What a request asks to go on with; the connection is there once 101 was sent. `kind`: one of KINDS."""

    kind: str
    connection: Connection | None = None


class UpgradingProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with connections that a handler can take over."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **named)
        self._application: Any = self.app
        self.app = self._serve
        self._taken: Connection | None = None

    @property
    def awaits_request(self) -> bool:
        """Whether nothing is being answered here, nor has anybody taken the connection over."""
        return self._taken is None and (self.cycle is None or self.cycle.response_complete)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; where it asks for an upgrade, let the application grant it."""
        kind = _asked_for(scope["headers"])
        if kind not in KINDS:
            await self._application(scope, receive, send)
            return
        upgrade = Upgrade(kind)
        scope.setdefault("extensions", {})[EXTENSION] = upgrade

        async def answer(message: Message) -> None:
            if (
                message["type"] == "http.response.start"
                and message["status"] == HTTPStatus.SWITCHING_PROTOCOLS
            ):
                upgrade.connection = self._take_over(message["headers"])
            else:
                await send(message)

        await self._application(scope, receive, answer)

    def _take_over(self, headers: Iterable[tuple[bytes, bytes]]) -> Connection:
        lines = [b"HTTP/1.1 101 Switching Protocols", *(name + b": " + value for name, value in headers)]
        self.transport.write(b"\r\n".join([*lines, b"", b""]))
        # For uvicorn this request has been answered: at its own end it closes such a connection at once.
        self.cycle.response_started = self.cycle.response_complete = True
        self._taken = Connection(self.transport, self.flow)
        return self._taken

    def data_received(self, data: bytes) -> None:
        """Hand what comes to whoever has the connection."""
        if self._taken is None:
            super().data_received(data)
        else:
            self._taken.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever has the connection."""
        if self._taken is not None:
            self._taken.end()
        super().connection_lost(exc)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: the application answers."""


def _asked_for(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return what the headers ask to upgrade to, in lower case; "" for nothing."""
    found = {name: value for name, value in headers if name in (b"connection", b"upgrade")}
    tokens = [token.strip().lower() for token in found.get(b"connection", b"").split(b",")]
    return found.get(b"upgrade", b"").decode("latin-1").lower() if b"upgrade" in tokens else ""
