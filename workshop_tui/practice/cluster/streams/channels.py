"""Channels in a WebSocket: a message's first byte says which one it is of (v4 and v5.channel.k8s.io).

v5 is v4 with a message that ends a channel, which is how a client ends its standard input.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

from workshop_tui.practice.cluster.streams.inbox import Inbox

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.streams.websocket import WebSocket

V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"


class Channel(IntEnum):
    """The channels of a command."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    ERROR = 3
    RESIZE = 4
    CLOSE = 255


@dataclass(frozen=True, slots=True)
class Message:
    """Bytes of one channel."""

    channel: int
    data: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Message | None:
        """Return what a WebSocket message says; None for an empty one."""
        return cls(raw[0], raw[1:]) if raw else None

    def pack(self) -> bytes:
        """Return it as a WebSocket message."""
        return bytes((self.channel,)) + self.data


@dataclass(slots=True)
class ChannelStreams:
    """The streams of one command as channels; see `exec.CommandStreams`."""

    socket: WebSocket
    protocol: str
    stdin: Inbox = field(default_factory=Inbox)
    resizes: Inbox = field(default_factory=Inbox)

    async def begin(self) -> None:
        """Tell a v4 client that the streams are there, as the kubelet does: an empty message."""
        if self.protocol == V4:
            await self.socket.write(Message(Channel.STDOUT, b"").pack())

    async def serve(self) -> None:
        """Take what the client sends until it goes."""
        try:
            while (raw := await self.socket.read()) is not None:
                match Message.parse(raw):
                    case Message(Channel.STDIN, data):
                        await self.stdin.put(data)
                    case Message(Channel.RESIZE, data):
                        await self.resizes.put(data)
                    case Message(Channel.CLOSE, data) if data[:1] == b"\0" and self.protocol == V5:
                        self.stdin.end()
                    case _:
                        pass
        finally:
            self.stdin.end()
            self.resizes.end()

    async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Send output."""
        channel = Channel.STDOUT if stream == "stdout" else Channel.STDERR
        await self.socket.write(Message(channel, data).pack())

    async def finish(self, status: dict[str, Any]) -> None:
        """Send how the command ended, and close."""
        text = json.dumps(status, separators=(",", ":")).encode()
        await self.socket.write(Message(Channel.ERROR, text).pack())
        await self.socket.close()
