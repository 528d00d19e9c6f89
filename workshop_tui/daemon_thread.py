"""Blocking calls in daemon threads of our own.

Never in asyncio's own pool: a call that hangs there delays whatever else uses it, pages among them, and
holds up quitting until it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T], *, seconds: float | None = None) -> T:
    """Run a blocking call in a thread of its own and return what it returns.

    Raises:
        TimeoutError: it took longer than `seconds`; the thread is left to itself.

    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type] # None is of type T where function returns it

    def work() -> None:
        result, error = None, None
        try:
            result = function()
        except Exception as problem:  # noqa: BLE001 - carried over to the caller
            error = problem
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True, name="blocking call").start()
    async with asyncio.timeout(seconds):
        return await done
