"""Log files of this machine: their last lines, and what is added to them, cleaned."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, BinaryIO

from workshop_tui.cloud.text import clean

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

POLL_SECONDS = 0.25
"""Between two looks at a file that is followed. Events of files differ between Linux and macOS, none works on
all of a container's file systems, and a look costs one system call."""
_LINE_LIMIT = 4000
_CHUNK = 64 * 1024


def last_lines(path: Path, count: int, *, limit: int = 2_000_000) -> list[str]:
    """Return the last lines, cleaned one by one, of at most `limit` bytes; none where there is no file.

    Raises:
        OSError: it is there and cannot be read.

    """
    try:
        with path.open("rb") as file:
            return _last_lines(file, count, limit)[0]
    except FileNotFoundError:
        return []


def _last_lines(file: BinaryIO, count: int, limit: int) -> tuple[list[str], bytes]:
    """Return the last whole lines, and what follows the last line's end."""
    start = max(0, file.seek(0, os.SEEK_END) - limit)
    file.seek(start)
    *whole, rest = file.read().split(b"\n")
    if start:
        whole = whole[1:]  # cut by where we began
    return [_cleaned(line) for line in whole[len(whole) - min(count, len(whole)) :]], rest


def _cleaned(line: bytes) -> str:
    return clean(line.decode(errors="replace"), limit=_LINE_LIMIT)


async def follow_lines(path: Path, count: int) -> AsyncGenerator[str, None]:
    """Yield the last lines, then each line as it is added, cleaned; a new file in its place is followed, too.

    A file that is not there yet is waited for. Ends only when it is closed.
    """
    first = True
    while True:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            await asyncio.sleep(POLL_SECONDS)
            first = False  # whatever comes now is new
            continue
        with file:
            rest = b""
            if first:
                told, rest = _last_lines(file, count, 2_000_000)
                for text in told:
                    yield text
            first = False
            while True:
                chunk = file.read(_CHUNK)
                if chunk:
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        yield _cleaned(line)
                elif _is_another(path, file):
                    break
                else:
                    await asyncio.sleep(POLL_SECONDS)


def _is_another(path: Path, file: BinaryIO) -> bool:
    """Return whether the path is another file by now, or this one was emptied: logs are rotated."""
    mine = os.fstat(file.fileno())
    try:
        now = path.stat()
    except FileNotFoundError:
        return True
    return (now.st_ino, now.st_dev) != (mine.st_ino, mine.st_dev) or now.st_size < file.tell()


def tail_of(path: Path, limit: int) -> str:
    """Return the end of a file as it is, from a whole line on; empty where there is no file.

    Raises:
        OSError: it is there and cannot be read.

    """
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - limit)
            file.seek(start)
            content = file.read()
    except FileNotFoundError:
        return ""
    return (content.partition(b"\n")[2] if start else content).decode(errors="replace")
