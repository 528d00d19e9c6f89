"""Running a command's coroutine so that every way to be ended lets it clean up first."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType

T = TypeVar("T")

ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)
"""What asks us to end, beside Ctrl-C: a container's stop, a closed terminal."""


class EndedError(KeyboardInterrupt):
    """A signal asked the process to end; not an `Exception`, so that nobody takes it for a fault."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def catch_ending_signals() -> None:
    """Turn SIGTERM and its like into `EndedError` in the main thread; what is ignored stays ignored."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise EndedError(number)

    for number in ENDING_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep signals off while cleaning up: a second Ctrl-C must not leave half of it lying about."""
    held = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *ENDING_SIGNALS)}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)


@contextmanager
def interrupts_left_to_the_child() -> Iterator[None]:
    """Do nothing on Ctrl-C while a shell of the learner's has the terminal.

    A handler instead of ignoring: what is ignored stays so in the child.
    """
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)]
    held = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end.

    Raises:
        KeyboardInterrupt: Ctrl-C, after the coroutine was cancelled and has cleaned up.
        EndedError: another ending signal, likewise.

    """
    import asyncio  # noqa: PLC0415 - keeps --help quick

    received: list[int] = []

    async def watched() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def end(number: int) -> None:
            received.append(number)
            if task is not None:
                task.cancel()

        for number in ENDING_SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                with suppress(NotImplementedError):  # Windows' loops have no signal handlers
                    loop.add_signal_handler(number, end, number)
        return await work

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        if received:
            raise EndedError(received[0]) from None
        raise
    finally:
        # The loop put the default handlers back when it closed.
        for number in received or ENDING_SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                catch_ending_signals()
                break
