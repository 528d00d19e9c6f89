"""No more frames than the terminal takes: over a slow line keys are answered by what is there now.

Textual queues thirty frames and then waits, its keys with it. Here the screen is not drawn while a frame is
on its way; what changes meanwhile is drawn once, as it is when the terminal is ready for it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, TextIO

from textual.drivers.linux_driver import LinuxDriver

from workshop_tui.tui.notifying_app import NotifyingApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

ON_ITS_WAY = 4096
"""How many characters may be on their way before the next frame has to wait."""
_PIECE = 2048
"""How much is written at once: what one waits for at most, when one leaves."""
_END_OF_FRAME = "\x1b[?2026l"
"""Ends a synchronised update that was begun, in a frame that is not shown any more."""


class PacedFile:
    """The terminal's file: written to by Textual's thread, which tells here how far it is."""

    def __init__(self, file: TextIO, told: Callable[[], None]) -> None:
        """Take the file, and whom to tell whenever something was written."""
        self._file, self._told = file, told
        self.written = 0
        self._skipped_to = 0

    def write(self, text: str) -> None:
        """Write in pieces, each whole in itself; what was to be skipped is not written."""
        for piece in pieces(text):
            if self.written >= self._skipped_to:
                # A terminal that is gone must not end the writing thread: what waits for it would for ever.
                with suppress(OSError):
                    self._file.write(piece)
                    self._file.flush()
            self.written += len(piece)
        self._told()

    def skip_to(self, place: int) -> None:
        """Leave out what has not been written yet, up to that place in all that is to be written."""
        self._skipped_to = place

    def flush(self) -> None:
        """Do nothing: every piece is flushed."""

    def fileno(self) -> int:
        """Return the file's number."""
        return self._file.fileno()


def pieces(text: str) -> Iterator[str]:
    """Yield the text in pieces of no more than about two thousand characters, none cut within a control."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\x1b", start + 1, start + _PIECE)
        end = end if end > 0 else text.find("\x1b", start + _PIECE)
        if end < 0:
            break
        yield text[start:end]
        start = end
    yield text[start:]


def end_with_terminal(descriptor: int) -> None:
    """Wait until the terminal is gone, and tell ourselves so.

    The kernel tells only who is in the foreground, and a shell that we opened may be. Who reads from a
    terminal that is gone then reads nothing, again and again: Textual's reading thread would do so for ever.
    """
    terminal = select.poll()
    terminal.register(descriptor, 0)  # asked for nothing, it tells of a hang-up alone
    [(_, told)] = terminal.poll()
    if not told & select.POLLHUP:
        return  # a system that cannot watch a terminal says so at once
    # Once the app has let go of the signal it is on its way out, and the signal would only cut that short.
    if callable(signal.getsignal(signal.SIGHUP)):
        os.kill(os.getpid(), signal.SIGHUP)


class PacedDriver(LinuxDriver):
    """Textual's own driver, which knows how much is on its way."""

    def __init__(self, app: PacedApp, **settings: Any) -> None:  # noqa: ANN401 - Textual's own
        """Take the application, to be told when the terminal is ready."""
        super().__init__(app, **settings)
        self._paced_file = PacedFile(sys.__stderr__ or sys.stderr, app.terminal_is_ready)
        self._file = self._paced_file  # type: ignore[assignment] # all that the writing thread uses of it
        self._given = 0
        self.leaving = False
        """Whether the process ends once the terminal is restored."""
        Thread(target=end_with_terminal, args=(self.fileno,), name="terminal's end", daemon=True).start()

    @property
    def on_its_way(self) -> int:
        """How many characters have not been written yet."""
        return self._given - self._paced_file.written

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the terminal's own size; Textual's would believe an outworn COLUMNS of the environment."""
        try:
            columns, rows = os.get_terminal_size(self._paced_file.fileno())
        except OSError:
            columns = rows = 0
        return (columns, rows) if columns and rows else super()._get_terminal_size()

    def write(self, data: str) -> None:
        """Have it written."""
        self._given += len(data)
        super().write(data)

    def stop_application_mode(self) -> None:
        """Leave the screen at once: frames that are on their way are of no use any more."""
        self._paced_file.skip_to(self._given)
        self.write(_END_OF_FRAME)
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Read no more keys. Who leaves does not wait for the reading thread, which ends with the process.

        It looks only every tenth of a second whether to end, and then once more for what is left.
        """
        if self.leaving:
            self._key_thread = None
        super().disable_input()
        if self.leaving:
            self.exit_event.set()


class PacedApp(NotifyingApp):
    """The part of the application that draws no faster than is read."""

    def __init__(self) -> None:
        """Begin with a terminal that is ready."""
        super().__init__()
        self._held = self._missed = False

    def get_driver_class(self) -> type[Driver]:
        """Put our own in the place of Textual's own, where that is used."""
        usual = super().get_driver_class()
        return PacedDriver if usual is LinuxDriver else usual

    def exit(
        self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave, and have the terminal restored at once."""
        if isinstance(self._driver, PacedDriver):
            self._driver.leaving = True
        super().exit(result, return_code, message)

    def terminal_is_ready(self) -> None:
        """Draw what has waited; called by the writing thread."""
        if self._held and self._loop is not None:
            self._loop.call_soon_threadsafe(self._let_go)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self._held and renderable is not None:
            self._missed = True
        super()._display(screen, renderable)
        if isinstance(self._driver, PacedDriver) and not self._held:
            # First held, then looked at: so the writing thread cannot be ready in between, unheard.
            self._held = True
            if self._driver.on_its_way > ON_ITS_WAY:
                self._begin_batch()
            else:
                self._held = False

    def _let_go(self) -> None:
        if not (self._held and isinstance(self._driver, PacedDriver)):
            return
        if self._driver.on_its_way > ON_ITS_WAY:
            return  # there is more to come
        self._held = False
        self._end_batch()
        if self._missed:
            self._missed = False
            self.screen.refresh()
        self.screen.check_idle()
