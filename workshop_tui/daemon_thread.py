"""Blocking calls in daemon threads of our own.

Never in asyncio's own pool: a call that hangs there delays whatever else uses it, pages among them, and
holds up quitting until it ends. What libraries put into the pool (looking up a host's name, for one) goes
to `DaemonThreads` instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""

T = TypeVar("T")
P = ParamSpec("P")


class DaemonThreads(ThreadPoolExecutor):
    """An executor for a loop (`set_default_executor`) that nobody waits for at the end: a thread a call."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call it in a daemon thread of its own; the future gets what comes of it."""
        future: Future[T] = Future()
        work = partial(_work, future, partial(fn, *args, **kwargs))
        threading.Thread(target=work, daemon=True, name="blocking call").start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its own
        """Wait for nothing: what is still under way ends with the process."""


def share_memory() -> bool:
    """Let all threads take memory from one place; False where the C library has no such setting.

    glibc gives each thread a place of its own, which keeps what the thread no longer needs: with a thread a
    call that was 25 MB after an hour's use.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, 1))
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return False


def _work(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except Exception as problem:  # noqa: BLE001 - carried over to the caller
        future.set_exception(problem)
    else:
        future.set_result(result)


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
