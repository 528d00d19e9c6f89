"""Container logs in the form the container runtime interface has: time, stream, full or partial, text."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 16 * 1024
"""Bytes; a longer line is cut into partial ones, as containerd does."""


class ContainerLog:
    """The log of one attempt of one container. Readers can wait for it to grow."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self._file = path.open("ab", buffering=0)
        self.size = path.stat().st_size
        self.ended = False
        self._changed = asyncio.Event()

    def write(self, stream: str, text: bytes, *, whole: bool = True) -> None:
        """Add one line (without its end)."""
        now = datetime.now(UTC)
        stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06}000Z"
        line = f"{stamp} {stream} {'F' if whole else 'P'} ".encode() + text + b"\n"
        self._file.write(line)
        self.size += len(line)
        self._wake()

    def say(self, text: str) -> None:
        """Add lines of our own on standard output."""
        for line in text.splitlines():
            self.write("stdout", line.encode())

    def end(self) -> None:
        """Note that nothing more comes."""
        self.ended = True
        self._file.close()
        self._wake()

    async def grew(self, size: int) -> bool:
        """Wait until it is longer than `size`: True; False when it ended and is not."""
        while self.size <= size:
            if self.ended:
                return False
            await self._changed.wait()
        return True

    async def copy(self, stream: str, reader: asyncio.StreamReader) -> None:
        """Write what a process prints until it closes the pipe."""
        waiting = b""
        while data := await reader.read(65536):
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                self._write_cut(stream, line)
            while len(waiting) > LONGEST_LINE:
                self.write(stream, waiting[:LONGEST_LINE], whole=False)
                waiting = waiting[LONGEST_LINE:]
        if waiting:
            self._write_cut(stream, waiting)

    def _write_cut(self, stream: str, line: bytes) -> None:
        while len(line) > LONGEST_LINE:
            self.write(stream, line[:LONGEST_LINE], whole=False)
            line = line[LONGEST_LINE:]
        self.write(stream, line)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
