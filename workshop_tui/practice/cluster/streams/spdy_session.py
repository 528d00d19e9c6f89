"""A SPDY/3.1 connection with a client that opens streams: over raw bytes, or tunnelled in a WebSocket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from workshop_tui.practice.cluster.streams.inbox import Inbox
from workshop_tui.practice.cluster.streams.spdy import (
    LONGEST_DATA,
    Data,
    Decoder,
    Encoder,
    GoAway,
    Ping,
    Reset,
    SpdyError,
    SynReply,
    SynStream,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.practice.cluster.streams.spdy import Frame

_PROTOCOL_ERROR = 1


class Bytes(Protocol):
    """Something to read from, and to write to."""

    async def read(self) -> bytes:
        """Return what came next; b"" at the end."""

    async def write(self, data: bytes) -> None:
        """Send."""


@dataclass(eq=False, slots=True)
class SpdyStream:
    """One stream that the client opened."""

    number: int
    headers: Mapping[str, str]
    _session: SpdySession
    inbox: Inbox = field(default_factory=Inbox)
    was_reset: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> bytes:
        """Return what came next; b"" once the client has ended its side."""
        return await self.inbox.get()

    async def write(self, data: bytes) -> None:
        """Send, in frames of no more than a megabyte; nothing is sent to a client that has reset it."""
        for at in range(0, len(data), LONGEST_DATA):
            if not self.was_reset.is_set():
                await self._session.send(Data(self.number, data[at : at + LONGEST_DATA]))

    async def finish(self) -> None:
        """End our side."""
        if not self.was_reset.is_set():
            await self._session.send(Data(self.number, b"", fin=True))

    async def close(self) -> None:
        """End our side, and read no more."""
        self.inbox.refuse()
        await self.finish()
        self._session.forget(self)


class SpdySession:
    """The server's side. `serve` reads; streams that were opened come out of `accept`."""

    def __init__(self, connection: Bytes) -> None:
        self._connection = connection
        self._encoder = Encoder()
        self._streams: dict[int, SpdyStream] = {}
        self._opened: asyncio.Queue[SpdyStream | None] = asyncio.Queue()

    async def serve(self) -> None:
        """Read until the client goes, or sends what is no SPDY."""
        decoder = Decoder()
        try:
            while data := await self._connection.read():
                for frame in decoder.feed(data):
                    await self._handle(frame)
        except SpdyError:
            await self.send(GoAway(max(self._streams, default=0), _PROTOCOL_ERROR))
        finally:
            for stream in self._streams.values():
                stream.inbox.end()
            self._opened.put_nowait(None)

    async def accept(self) -> SpdyStream | None:
        """Return the next stream that is opened; None once the client has gone."""
        return await self._opened.get()

    async def send(self, frame: Frame) -> None:
        """Send a frame."""
        await self._connection.write(self._encoder.encode(frame))

    def forget(self, stream: SpdyStream) -> None:
        """Drop what still comes for a stream."""
        self._streams.pop(stream.number, None)

    async def _handle(self, frame: Frame) -> None:
        match frame:
            case SynStream(number, headers, fin):
                stream = SpdyStream(number, headers, self)
                self._streams[number] = stream
                if fin:
                    stream.inbox.end()
                await self.send(SynReply(number, {}))
                self._opened.put_nowait(stream)
            case Data(number, data, fin) if number in self._streams:
                inbox = self._streams[number].inbox
                await inbox.put(data)
                if fin:
                    inbox.end()
            case Reset(number, _) if number in self._streams:
                stream = self._streams.pop(number)
                stream.was_reset.set()
                stream.inbox.end()
            case Ping(number) if number % 2:  # the client's own: ours would be even
                await self.send(frame)
            case _:
                pass
