"""Programs run for the learner: no shell, a limit on time, no prompt, nothing left running."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections import deque
from typing import TYPE_CHECKING

from workshop_tui.cloud.text import clean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

_KEPT_LINES = 30
_CHUNK = 64 * 1024
_LINE_END = re.compile(rb"[\r\n]+")
_LEAVE_SECONDS = 3.0


class CommandError(Exception):
    """A program failed, could not be started, or took too long. `output` is the end of what it said."""

    def __init__(self, what: str, output: str) -> None:
        super().__init__(f"{what}: {output}" if output else what)
        self.what = what
        self.output = output


async def stream_command(
    arguments: Sequence[str | Path],
    *,
    seconds: float,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> AsyncIterator[str]:
    """Run a program and yield its lines (output and errors), cleaned; its whole process group ends with us.

    Close the generator (`aclosing`) to be sure that the program is stopped at once.

    Raises:
        CommandError: it did not end well, or not in time.

    """
    name = os.path.basename(os.fspath(arguments[0]))  # noqa: PTH119 - may be a bare name
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    try:
        process = await asyncio.create_subprocess_exec(
            *[os.fspath(item) for item in arguments],
            cwd=folder,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise CommandError(f"{name} could not be started", error.strerror or str(error)) from error
    try:
        async with asyncio.timeout(seconds):
            async for line in _lines(process):
                if text := clean(line):
                    last.append(text)
                    yield text
            status = await process.wait()
    except TimeoutError:
        raise CommandError(f"{name} did not end in {seconds:.0f} seconds", "\n".join(last)) from None
    finally:
        await end_group(process)
    if status != 0:
        raise CommandError(f"{name} ended with status {status}", "\n".join(last))


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    """Yield what a program says: a progress bar moves with carriage returns, so each state is a line."""
    assert process.stdout is not None  # noqa: S101 - for the type checker: a pipe was asked for
    rest = b""
    while chunk := await process.stdout.read(_CHUNK):
        *whole, rest = _LINE_END.split(rest + chunk)
        for line in whole:
            yield line.decode(errors="replace")
        rest = rest[-_CHUNK:]
    yield rest.decode(errors="replace")


async def run_command(
    arguments: Sequence[str | Path],
    *,
    seconds: float,
    environment: Mapping[str, str],
    folder: Path | None = None,
    leave_seconds: float = _LEAVE_SECONDS,
) -> str:
    """Run a program to its end and return what it printed, uncleaned; its errors are kept apart.

    One that is late, or no longer wanted, gets `leave_seconds` to end in order, and is then killed.

    Raises:
        CommandError: it did not end well, or not in time.

    """
    name = os.path.basename(os.fspath(arguments[0]))  # noqa: PTH119 - may be a bare name
    try:
        process = await asyncio.create_subprocess_exec(
            *[os.fspath(item) for item in arguments],
            cwd=folder,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise CommandError(f"{name} could not be started", error.strerror or str(error)) from error
    try:
        output, errors = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        raise CommandError(f"{name} did not end in {seconds:.0f} seconds", "") from None
    finally:
        await end_group(process, seconds=leave_seconds)
    if process.returncode != 0:
        raise CommandError(
            f"{name} ended with status {process.returncode}", clean(errors.decode(errors="replace"))
        )
    return output.decode(errors="replace")


async def end_group(process: asyncio.subprocess.Process, *, seconds: float = _LEAVE_SECONDS) -> None:
    """End a process that leads its own group, and all that it started: politely, then for good."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
