"""What came in for one stream, until it is read."""

from __future__ import annotations

import asyncio
from collections import deque

WAITING_BYTES = 1024 * 1024
"""Not yet read: more than this, and whoever puts more waits."""


class Inbox:
    """Chunks of bytes in order, then an end. One reader."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._unwanted = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def put(self, data: bytes) -> None:
        """Add a chunk; waits while too much waits. What comes after the end, or is unwanted, is dropped."""
        if not data or self._ended or self._unwanted:
            return
        self._chunks.append(data)
        self._size += len(data)
        self._changed.set()
        if self._size >= WAITING_BYTES:
            self._room.clear()
            await self._room.wait()

    async def get(self) -> bytes:
        """Return the next chunk; b"" at the end."""
        while not self._chunks:
            if self._ended:
                return b""
            self._changed.clear()
            await self._changed.wait()
        data = self._chunks.popleft()
        self._size -= len(data)
        if self._size < WAITING_BYTES:
            self._room.set()
        return data

    def end(self) -> None:
        """Note that nothing more comes."""
        self._ended = True
        self._changed.set()
        self._room.set()

    def refuse(self) -> None:
        """Drop what waits and what comes: nobody reads it any more."""
        self._unwanted = True
        self._chunks.clear()
        self._size = 0
        self._room.set()
