"""Commands in containers that are plain processes: children of this process, with pipes or a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import termios
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from workshop_tui.practice.cluster.kubelet.container_views import ContainerView, Prepared
    from workshop_tui.practice.cluster.kubelet.executions import Execution

_CHUNK = 64 * 1024
_PATIENCE_SECONDS = 1.0
"""How long output is still read once the command itself has ended, if what it left behind holds it open."""


class Commands:
    """The commands that run in one container beside its own, each in a session of its own."""

    def __init__(self, view: ContainerView) -> None:
        self._view = view
        self._running: set[_ProcessExecution] = set()
        self._is_over = False

    async def start(self, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:
        """Start a command; ExecutionError when the container has no such program."""
        prepared = await self._view.prepare(command, terminal=terminal)
        execution = await (self._on_terminal(prepared) if terminal else self._on_pipes(prepared, stdin=stdin))
        self._running.add(execution)
        if self._is_over:
            await execution.stop()
        return execution

    async def end(self) -> None:
        """End those that still run, and any that is being started: a container's end is theirs."""
        self._is_over = True
        for execution in list(self._running):
            await execution.stop()

    async def _on_pipes(self, prepared: Prepared, *, stdin: bool) -> PipedExecution:
        process = await asyncio.create_subprocess_exec(
            *prepared.command,
            env=dict(prepared.variables),
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return PipedExecution(process, self._running.discard)

    async def _on_terminal(self, prepared: Prepared) -> TerminalExecution:
        ours, theirs = pty.openpty()
        try:
            process = await asyncio.create_subprocess_exec(
                *prepared.command,
                env=dict(prepared.variables),
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return TerminalExecution(process, self._running.discard, ours)


class _ProcessExecution:
    """What commands with and without a terminal have in common."""

    def __init__(
        self, process: asyncio.subprocess.Process, forget: Callable[[_ProcessExecution], None]
    ) -> None:
        self._process = process
        self._forget = forget
        self._is_killed = False

    async def wait(self) -> int:
        """Return its exit code."""
        code = await self._process.wait()
        return code if code >= 0 else 128 - code

    async def kill(self) -> None:
        """End it, if it runs."""
        await self.stop()

    async def stop(self) -> None:
        """End it and what it started; once only, since process ids are used again."""
        if not self._is_killed:
            self._is_killed = True
            self._forget(self)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


class PipedExecution(_ProcessExecution):
    """A command with a pipe for each stream; see `Execution`."""

    async def output(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield what it prints; what outlives it is not waited for."""
        chunks: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(maxsize=16)
        readers = {"stdout": self._process.stdout, "stderr": self._process.stderr}

        async def read(stream: str, reader: asyncio.StreamReader) -> None:
            while data := await reader.read(_CHUNK):
                await chunks.put((stream, data))
            await chunks.put((stream, b""))

        tasks = [
            asyncio.ensure_future(read(stream, cast("asyncio.StreamReader", reader)))
            for stream, reader in readers.items()
        ]
        ended = asyncio.ensure_future(self._process.wait())
        try:
            open_streams = len(tasks)
            while open_streams:
                getting = asyncio.ensure_future(chunks.get())
                try:
                    await asyncio.wait([getting, ended], return_when=asyncio.FIRST_COMPLETED)
                    async with asyncio.timeout(_PATIENCE_SECONDS if ended.done() else None):
                        stream, data = await getting
                except TimeoutError:
                    return
                finally:
                    getting.cancel()
                if data:
                    yield stream, data
                else:
                    open_streams -= 1
        finally:
            for task in (*tasks, ended):
                task.cancel()
            await asyncio.gather(*tasks, ended, return_exceptions=True)

    async def write(self, data: bytes) -> None:
        """Give it input."""
        if self._process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                self._process.stdin.write(data)
                await self._process.stdin.drain()

    async def end_input(self) -> None:
        """Close its standard input."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def resize(self, columns: int, rows: int) -> None:
        """Do nothing: there is no terminal."""


class TerminalExecution(_ProcessExecution):
    """A command on a pseudo-terminal; see `Execution`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        forget: Callable[[_ProcessExecution], None],
        descriptor: int,
    ) -> None:
        super().__init__(process, forget)
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    async def output(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield what it shows until nobody has the terminal open, or the command has ended."""
        ended = asyncio.ensure_future(self._process.wait())
        try:
            while True:
                readable = asyncio.ensure_future(_ready(self._descriptor, for_writing=False))
                try:
                    await asyncio.wait([readable, ended], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    readable.cancel()
                    await asyncio.gather(readable, return_exceptions=True)
                try:
                    data = os.read(self._descriptor, _CHUNK)
                except BlockingIOError:
                    if ended.done():
                        return
                    continue
                except OSError:  # Linux: the last one to have it open closed it
                    return
                if not data:
                    return
                yield "stdout", data
        finally:
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)

    async def write(self, data: bytes) -> None:
        """Type it."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                await _ready(self._descriptor, for_writing=True)
            except OSError:
                return

    async def end_input(self) -> None:
        """Type the character that means end of input at the start of a line."""
        await self.write(b"\x04")

    async def resize(self, columns: int, rows: int) -> None:
        """Set the terminal's size; the kernel tells the programs on it."""
        if self._descriptor >= 0:
            fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def kill(self) -> None:
        """End it, and hang up; nobody may be reading its output any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        await self.stop()


async def _ready(descriptor: int, *, for_writing: bool) -> None:
    """Wait until the descriptor can be read, or written."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    add, remove = (
        (loop.add_writer, loop.remove_writer) if for_writing else (loop.add_reader, loop.remove_reader)
    )
    add(descriptor, tell)
    try:
        await ready
    finally:
        remove(descriptor)
