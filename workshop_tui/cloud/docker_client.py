"""The Docker SDK, which blocks, in daemon threads of our own: with limits, and cancellable.

Never in asyncio's own pool: a call that hangs there would hold up quitting.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.text import clean
from workshop_tui.daemon_thread import in_daemon_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

_log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
"""How long a daemon may take to say that it is there."""
_SILENCE_SECONDS = 300.0
"""How long a build or a push may say nothing at all."""


async def stream(
    client: Any,  # noqa: ANN401 - the SDK has no types
    begin: Callable[[], Iterable[dict[str, Any]]],
) -> AsyncIterator[dict[str, Any]]:
    """Run a blocking stream of events in a daemon thread; leaving early ends what the daemon does, too.

    Raises:
        TimeoutError: it said nothing for minutes.

    """
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[dict[str, Any] | BaseException | None] = asyncio.Queue()

    def put(item: dict[str, Any] | BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(events.put_nowait, item)

    def work() -> None:
        try:
            for event in begin():
                put(event)
            put(None)
        except Exception as problem:  # noqa: BLE001 - carried over to the caller
            put(problem)

    threading.Thread(target=work, daemon=True, name="docker stream").start()
    try:
        while True:
            async with asyncio.timeout(_SILENCE_SECONDS):
                item = await events.get()
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        hang_up(client)


def hang_up(client: Any) -> None:  # noqa: ANN401 - the SDK has no types
    """Cut the connections of answers that are still being read: the daemon then stops what it was doing."""
    for answer in client.workshop_answers:
        connection: Any = getattr(answer.raw, "connection", None) or getattr(answer.raw, "_connection", None)
        with contextlib.suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)
    client.workshop_answers.clear()


def connect() -> Any:  # noqa: ANN401 - the SDK has no types
    """Return the SDK's low-level client for the daemon that the learner's own docker uses.

    Raises:
        docker.errors.DockerException: no daemon is configured or it does not answer.

    """
    import docker  # noqa: PLC0415 - heavy, and not everybody has a daemon

    client = docker.from_env(timeout=60)
    try:
        client.api.ping()
    except BaseException:
        client.close()
        raise
    # The SDK keeps no handle on a stream that is being read; its HTTP session's hook gives us one.
    api = client.api
    api.workshop_answers = []
    api.hooks["response"].append(lambda answer, **_: api.workshop_answers.append(answer))
    return api


async def problem() -> Exception | None:
    """Return what keeps us from using Docker here, quickly found out; None where its daemon answers."""

    def ask() -> None:
        connect().close()

    try:
        await in_daemon_thread(ask, seconds=ANSWER_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with Docker here, it cannot be used
        _log.info("no Docker daemon answers here: %s", clean(error, limit=200))
        return error
    return None


async def answers() -> bool:
    """Return whether a Docker daemon answers here, quickly."""
    return await problem() is None


def is_denied(error: BaseException) -> bool:
    """Return whether the daemon's socket may not be used by us; the SDK wraps that in errors of its own."""
    return isinstance(error, PermissionError) or "PermissionError(" in str(error)


def is_lost(error: BaseException) -> bool:
    """Return whether the daemon went away while it was listened to."""
    of_its_library = type(error).__module__.partition(".")[0] in {"requests", "urllib3", "http"}
    return isinstance(error, ConnectionError) or (of_its_library and "Timeout" not in type(error).__name__)
