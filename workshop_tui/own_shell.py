"""The learner's own shell, in our terminal until it ends; told to end meanwhile, we end it first."""

from __future__ import annotations

import os
import signal
import subprocess
import termios
import threading
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

GRACE_SECONDS = 2.0
"""How long a shell gets to end what runs in it, once its terminal goes."""
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_TERMINAL = 0
_ENDED = 0


def run_own_shell(environment: Mapping[str, str]) -> None:
    """Run `$SHELL` until it ends; for the main thread, which waits.

    A signal that asks us to end makes it end, and then comes to whoever handled it before.

    Raises:
        OSError: it cannot be started.

    """
    happened: SimpleQueue[int] = SimpleQueue()  # the one queue into which a signal's handler may put
    with _signals_into(happened), _terminal_kept() as restore:
        process = subprocess.Popen([own_shell()], env=dict(environment))  # noqa: S603 - the learner's own choice

        def wait() -> None:
            process.wait()
            happened.put(_ENDED)

        threading.Thread(target=wait, daemon=True, name="own shell").start()
        asked = happened.get()
        if asked != _ENDED:
            _hang_up(process)
            _wait(happened, GRACE_SECONDS)
            process.kill()
            restore()
    if asked != _ENDED:
        signal.raise_signal(asked)


def own_shell() -> str:
    """Return the path of the learner's shell."""
    return os.environ.get("SHELL") or "/bin/sh"


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    """Tell the shell, and what has the terminal, that the terminal goes: as the kernel does."""
    with suppress(OSError):
        foreground = os.tcgetpgrp(_TERMINAL)
        if foreground != os.getpgrp():
            os.killpg(foreground, signal.SIGHUP)
            os.killpg(foreground, signal.SIGCONT)
    for number in (signal.SIGHUP, signal.SIGCONT):
        process.send_signal(number)


def _wait(happened: SimpleQueue[int], seconds: float) -> None:
    with suppress(Empty):
        while happened.get(timeout=seconds) != _ENDED:
            pass  # told again to end: we are at it


@contextmanager
def _signals_into(happened: SimpleQueue[int]) -> Iterator[None]:
    """Put signals that ask us to end into the queue; do nothing on Ctrl-C, which is meant for the shell.

    Handlers for both: what is ignored would stay so in the child.
    """

    def hear(number: int, _frame: FrameType | None) -> None:
        if number in _ENDING:
            happened.put(number)

    loop = signal.set_wakeup_fd(-1)  # an event loop would hear them, too, as soon as it goes on
    held = {number: signal.signal(number, hear) for number in (*_ENDING, signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        signal.set_wakeup_fd(loop)
        for number, handler in held.items():
            signal.signal(number, handler)


@contextmanager
def _terminal_kept() -> Iterator[Callable[[], None]]:
    """Have the terminal back afterwards, however the shell ended; yield what restores its settings, too.

    A shell that was killed leaves the terminal to itself: the kernel stops whoever touches it then.
    """
    settings = None
    with suppress(termios.error):
        settings = termios.tcgetattr(_TERMINAL)

    def restore() -> None:
        _take_terminal()
        with suppress(termios.error):
            if settings is not None:
                termios.tcsetattr(_TERMINAL, termios.TCSANOW, settings)

    try:
        yield restore
    finally:
        _take_terminal()


def _take_terminal() -> None:
    held = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # which would stop us for taking it
    try:
        with suppress(OSError):
            if os.tcgetpgrp(_TERMINAL) != os.getpgrp():
                os.tcsetpgrp(_TERMINAL, os.getpgrp())
    finally:
        signal.signal(signal.SIGTTOU, held)
