"""Messages of a WebSocket over a connection that was taken over; frames by the `websockets` package.

Its protocol object does no I/O of its own, so that one way of taking a connection over serves SPDY, too.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from websockets.frames import BINARY, CONT, TEXT, Frame
from websockets.protocol import Protocol, Side, State

if TYPE_CHECKING:
    from workshop_tui.practice.upgrades import Connection

LONGEST_MESSAGE = 32 * 1024 * 1024
"""Bytes of a message that we take."""
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NORMAL = 1000


def accept_key(key: str) -> str:
    """Return what answers the client's Sec-WebSocket-Key (RFC 6455, section 4.2.2)."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


class WebSocket:
    """The server's side of an open WebSocket."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._protocol = Protocol(Side.SERVER, max_size=LONGEST_MESSAGE)
        self._messages: list[bytes] = []
        self._parts: list[bytes] = []
        self._has_ended = False

    async def read(self) -> bytes | None:
        """Return the next message, text as UTF-8; None once the client has gone or closed."""
        while not self._messages:
            if self._has_ended:
                return None
            data = await self._connection.read()
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            for event in self._protocol.events_received():
                if isinstance(event, Frame):
                    self._take(event)
            # After our own close there is still what the client sent before it learnt of that.
            closed = self._protocol.close_rcvd is not None or self._protocol.parser_exc is not None
            self._has_ended = closed or not data
            await self._flush()
        return self._messages.pop(0)

    async def write(self, message: bytes) -> None:
        """Send a binary message; one after the end is lost."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_binary(message)
            await self._flush()

    async def close(self) -> None:
        """Say that nothing more comes."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(_NORMAL)
            await self._flush()

    def _take(self, frame: Frame) -> None:
        if frame.opcode in (BINARY, TEXT, CONT):
            self._parts.append(bytes(frame.data))
            if frame.fin:
                self._messages.append(b"".join(self._parts))
                self._parts.clear()

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                await self._connection.write(data)


class Tunnel:
    """A WebSocket as a stream of bytes: messages have no meaning of their own."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def read(self) -> bytes:
        """Return what came next; b"" at the end."""
        while (message := await self._socket.read()) is not None:
            if message:
                return message
        return b""

    async def write(self, data: bytes) -> None:
        """Send in one message."""
        await self._socket.write(data)
