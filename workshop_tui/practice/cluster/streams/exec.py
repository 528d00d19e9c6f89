"""`exec`: a command in a container, its streams those of the client."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any, Literal, Protocol

from workshop_tui.practice.cluster.kubelet.executions import NOT_STARTED, ExecutionError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from workshop_tui.practice.cluster.kubelet.executions import Execution
    from workshop_tui.practice.cluster.kubelet.runtimes import Running
    from workshop_tui.practice.cluster.streams.inbox import Inbox

FAREWELL_SECONDS = 2.0
SUCCESS: dict[str, Any] = {"metadata": {}, "status": "Success"}


class StreamsMissingError(Exception):
    """The client did not open its streams in time, or went before."""


class CommandStreams(Protocol):
    """The client's streams, whichever protocol carries them."""

    @property
    def stdin(self) -> Inbox:
        """What the client types."""

    @property
    def resizes(self) -> Inbox:
        """Sizes of the client's terminal, as JSON."""

    async def begin(self) -> None:
        """Wait until the streams are there; StreamsMissingError."""

    async def serve(self) -> None:
        """Take what the client sends until it goes."""

    async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Send output."""

    async def finish(self, status: dict[str, Any]) -> None:
        """Send how it ended."""


def exit_status(code: int) -> dict[str, Any]:
    """Return the Status that tells of an exit code."""
    if code == 0:
        return SUCCESS
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: command terminated with exit code {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def internal_error(message: str) -> dict[str, Any]:
    """Return the Status of a failure that is no exit code."""
    message = f"Internal error occurred: {message}"
    return {
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "InternalError",
        "details": {"causes": [{"message": message.partition(": ")[2]}]},
        "code": 500,
    }


async def until_gone(serve: Awaitable[None], work: Awaitable[None]) -> None:
    """Do the work while the client is there, which `serve` reads from: when it goes, the work is cancelled.

    Once the work is done the client is still listened to for a while: a connection that is closed with
    something unread in it is reset, and what the client had not read yet would be lost with it.
    """
    serving, working = asyncio.ensure_future(serve), asyncio.ensure_future(work)
    try:
        await asyncio.wait([serving, working], return_when=asyncio.FIRST_COMPLETED)
        if working.done() and working.exception() is None:
            await asyncio.wait([serving], timeout=FAREWELL_SECONDS)
    finally:
        for task in (serving, working):
            task.cancel()
        await asyncio.gather(serving, working, return_exceptions=True)
    for task in (serving, working):
        with contextlib.suppress(asyncio.CancelledError, StreamsMissingError):
            task.result()


async def execute(
    streams: CommandStreams,
    container: Running,
    command: Sequence[str],
    *,
    terminal: bool,
    stdin: bool,
    translated: bool,
) -> None:
    """Run the command to its end, or until the client goes.

    `translated`: the API server speaks SPDY to the node for a client of v5.channel.k8s.io, and repeats
    "Internal error occurred" before what the node says of a failure.
    """
    await streams.begin()
    try:
        execution = await _started(container, command, terminal=terminal, stdin=stdin)
    except (ExecutionError, TimeoutError) as error:
        attempt = hashlib.sha256(f"{container.identifier} {command}".encode()).hexdigest()
        message = (
            "error executing command in container: failed to exec in container: "
            f'failed to start exec "{attempt}": {error or "context deadline exceeded"}'
        )
        await streams.finish(internal_error(f"Internal error occurred: {message}" if translated else message))
        return
    try:
        await _attend(streams, execution, stdin=stdin, terminal=terminal)
        streams.stdin.refuse()
        await streams.finish(exit_status(await execution.wait()))
    finally:
        await execution.kill()


async def _started(container: Running, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:
    if not command:
        raise ExecutionError(f"{NOT_STARTED}: args must not be empty: unknown")
    return await container.execute(command, terminal=terminal, stdin=stdin)


async def _attend(streams: CommandStreams, execution: Execution, *, stdin: bool, terminal: bool) -> None:
    """Copy input and output until there is no more output."""
    helpers = []
    if stdin:
        helpers.append(asyncio.ensure_future(_copy_input(streams, execution)))
    if terminal:
        helpers.append(asyncio.ensure_future(_copy_sizes(streams, execution)))
    try:
        async for stream, data in execution.output():
            await streams.write("stderr" if stream == "stderr" else "stdout", data)
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)


async def _copy_input(streams: CommandStreams, execution: Execution) -> None:
    inbox = streams.stdin
    while data := await inbox.get():
        await execution.write(data)
    await execution.end_input()


async def _copy_sizes(streams: CommandStreams, execution: Execution) -> None:
    inbox = streams.resizes
    decoder, waiting = json.JSONDecoder(), ""
    while data := await inbox.get():
        waiting += data.decode("utf-8", "replace")
        while waiting := waiting.lstrip():
            try:
                size, end = decoder.raw_decode(waiting)
            except ValueError:
                break  # the rest is still to come
            waiting = waiting[end:]
            await execution.resize(int(size["Width"]), int(size["Height"]))
