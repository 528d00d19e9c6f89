"""Commands in containers of Docker's: `docker exec`, its streams over the daemon's own connection."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.kubelet.executions import ExecutionError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from workshop_tui.practice.cluster.kubelet.executions import Execution

    Call = Callable[[Callable[[], Any]], Awaitable[Any]]

_CHUNK = 64 * 1024
_NOT_STARTED = (126, 127)
_START_SECONDS, _ASK_SECONDS = 20.0, 0.02
_HEAD = struct.Struct(">BxxxI")
_STREAMS = {1: "stdout", 2: "stderr"}


async def start_in_docker(
    api: Any,  # noqa: ANN401 - the SDK has no types
    call: Call,
    container: str,
    command: Sequence[str],
    *,
    terminal: bool,
    stdin: bool,
) -> Execution:
    """Start the command; `call` runs what blocks. ExecutionError in the runtime's words."""

    def start() -> tuple[str, Any]:
        made = api.exec_create(container, list(command), stdin=stdin, tty=terminal)["Id"]
        return made, api.exec_start(made, tty=terminal, socket=True)

    try:
        identifier, stream = await call(start)
    except Exception as error:
        raise ExecutionError(str(getattr(error, "explanation", "") or error)) from error
    raw = getattr(stream, "_sock", stream)
    raw.settimeout(0)  # asyncio's from here on
    execution = DockerExecution(api, call, identifier, stream, raw, terminal)
    about = await _until_started(api, call, identifier)
    if not about["Running"] and about["ExitCode"] in _NOT_STARTED and not about.get("Pid"):
        text = b"".join([data async for _, data in execution.output()]).decode("utf-8", "replace")
        await execution.kill()
        raise ExecutionError(text.strip() or f"exit code {about['ExitCode']}")
    return execution


async def _until_started(api: Any, call: Call, identifier: str) -> dict[str, Any]:  # noqa: ANN401 - no types
    """Return what Docker knows of the command once it has a process, or has ended.

    Docker tells nothing when that happens, so it is asked again; commands start in some tenths of a second.
    """
    async with asyncio.timeout(_START_SECONDS):
        while True:
            about: dict[str, Any] = await call(lambda: api.exec_inspect(identifier))
            if not about["Running"] or about.get("Pid"):
                return about
            await asyncio.sleep(_ASK_SECONDS)


@dataclass(eq=False, slots=True)
class DockerExecution:
    """See `Execution`."""

    _api: Any
    _call: Call
    _identifier: str
    _stream: Any  # kept: the connection ends with it
    _socket: socket.socket
    _terminal: bool

    async def output(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield what it prints: with a terminal as it is, else from the daemon's frames."""
        loop = asyncio.get_running_loop()
        waiting = bytearray()
        while data := await self._received(loop):
            if self._terminal:
                yield "stdout", data
                continue
            waiting += data
            while len(waiting) >= _HEAD.size:
                stream, length = _HEAD.unpack_from(waiting)
                if len(waiting) < _HEAD.size + length:
                    break
                yield _STREAMS.get(stream, "stdout"), bytes(waiting[_HEAD.size : _HEAD.size + length])
                del waiting[: _HEAD.size + length]
        if waiting:
            yield "stdout", bytes(waiting)

    async def _received(self, loop: asyncio.AbstractEventLoop) -> bytes:
        try:
            return await loop.sock_recv(self._socket, _CHUNK)
        except ConnectionError:
            return b""

    async def write(self, data: bytes) -> None:
        """Give it input."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def end_input(self) -> None:
        """End its input."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    async def resize(self, columns: int, rows: int) -> None:
        """Tell the daemon the terminal's size."""
        with contextlib.suppress(Exception):
            await self._call(lambda: self._api.exec_resize(self._identifier, height=rows, width=columns))

    async def wait(self) -> int:
        """Return its exit code; its output has ended."""
        about = await self._call(lambda: self._api.exec_inspect(self._identifier))
        return int(about["ExitCode"] or 0)

    async def kill(self) -> None:
        """End it, where its process may be signalled from here: Docker has no call for that."""
        with contextlib.suppress(Exception):
            about = await self._call(lambda: self._api.exec_inspect(self._identifier))
            if about["Running"] and about["Pid"]:
                os.kill(int(about["Pid"]), signal.SIGKILL)
        self._socket.close()
        with contextlib.suppress(OSError):
            self._stream.close()
