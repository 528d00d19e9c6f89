"""The streams of one command over SPDY/3.1: the client opens one for each, named by its `streamtype`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Literal

from workshop_tui.practice.cluster.streams.exec import StreamsMissingError
from workshop_tui.practice.cluster.streams.inbox import Inbox

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.streams.spdy_session import SpdySession, SpdyStream

PROTOCOLS = ("v4.channel.k8s.io", "v5.channel.k8s.io")
"""Over SPDY both say the same: how a command ended is a Status in JSON."""
CREATION_SECONDS = 30.0
"""How long a client may take to open its streams; as the kubelet has it."""


class SpdyStreams:
    """See `exec.CommandStreams`."""

    def __init__(self, session: SpdySession, expected: int) -> None:
        self._session = session
        self._expected = expected
        self._streams: dict[str, SpdyStream] = {}

    async def begin(self) -> None:
        """Wait until the client has opened its streams.

        Raises:
            StreamsMissingError: it did not.

        """
        try:
            async with asyncio.timeout(CREATION_SECONDS):
                while len(self._streams) < self._expected:
                    opened = await self._session.accept()
                    if opened is None:
                        raise StreamsMissingError
                    self._streams[opened.headers.get("streamtype", "")] = opened
        except TimeoutError:
            raise StreamsMissingError from None

    async def serve(self) -> None:
        """Take what the client sends until it goes."""
        await self._session.serve()

    @property
    def stdin(self) -> Inbox:
        """What the client types; at its end where there is no such stream."""
        return self._inbox("stdin")

    @property
    def resizes(self) -> Inbox:
        """Sizes of the client's terminal."""
        return self._inbox("resize")

    def _inbox(self, kind: str) -> Inbox:
        if kind in self._streams:
            return self._streams[kind].inbox
        nothing = Inbox()
        nothing.end()
        return nothing

    async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Send output."""
        if stream in self._streams:
            await self._streams[stream].write(data)

    async def finish(self, status: dict[str, Any]) -> None:
        """Send how the command ended, and end every stream of ours."""
        for kind in ("stdout", "stderr"):
            if kind in self._streams:
                await self._streams[kind].finish()
        if "error" in self._streams:
            await self._streams["error"].write(json.dumps(status, separators=(",", ":")).encode())
            await self._streams["error"].finish()
