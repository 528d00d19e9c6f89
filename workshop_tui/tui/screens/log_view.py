"""Logs over the desk: the app's own, from its newest pod, and this tool's."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import RichLog
from textual.worker import Worker, WorkerState

from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.log import log_file
from workshop_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from workshop_tui.events import GuideProtocol

_log = logging.getLogger(__name__)

REFRESH_SECONDS = 3.0
_LINES = 2000
_LINES_AT_ONCE = 50
_BYTES = 200_000


class LogView(Dialog[None]):
    """Shows a log and keeps it fresh; o turns to the other one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "close", tooltip="Go back", show=False),
        Binding("o", "other", "The other log", tooltip="The other log: the app's, or this tool's"),
    ]

    def __init__(self, guide: GuideProtocol) -> None:
        """Take who reads the app's log."""
        super().__init__()
        self._guide = guide
        self._of_app = True
        self._shown: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the log in a box."""
        with Vertical(classes="dialog") as box:
            self.tell_keys(box, "o the other log  Esc close")
            yield RichLog(id="log", markup=False, wrap=True, max_lines=_LINES, highlight=False, min_width=1)

    def on_mount(self) -> None:
        """Begin with the app's log."""
        self.query_one(RichLog).focus()
        self.follow()

    @work(exclusive=True, exit_on_error=False)
    async def follow(self) -> None:
        """Read the log again every few seconds, as long as it is shown."""
        box = self.query_one(".dialog")
        if self._shown is None:
            box.border_title = "Reading the app's log …" if self._of_app else "Reading this tool's log …"
        while True:
            title, text = await self._read()
            box.border_title = Content(title)
            if text != self._shown:
                await self._show(text)
            await asyncio.sleep(REFRESH_SECONDS)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that a log cannot be read; the other one may be."""
        if event.state is WorkerState.ERROR:
            _log.error("a log could not be read", exc_info=event.worker.error)
            self.query_one(".dialog").border_title = Content(f"It cannot be read: {event.worker.error}")
            self.set_timer(REFRESH_SECONDS, self.follow)

    async def _read(self) -> tuple[str, str]:
        if self._of_app:
            return await self._guide.app_log()
        path = log_file()
        if path is None:
            return "This tool's log", "There is no log in this session."
        return f"This tool's log: {path}", await in_daemon_thread(partial(_tail, path))

    async def _show(self, text: str) -> None:
        """Show what was added, or all of it, a few lines at a time: keys are answered in between."""
        log = self.query_one(RichLog)
        added = text[len(self._shown) :] if self._shown and text.startswith(self._shown) else text
        if added is text:
            log.clear()
        self._shown = text
        lines = added.strip("\n").splitlines() or ["It is empty."]
        for start in range(0, len(lines), _LINES_AT_ONCE):
            log.write(Text("\n".join(lines[start : start + _LINES_AT_ONCE])))
            await asyncio.sleep(0)

    def action_scroll(self, lines: int) -> None:
        """Scroll the log."""
        self.query_one(RichLog).scroll_relative(y=lines, animate=False)

    def action_other(self) -> None:
        """Turn to the other log."""
        self._of_app = not self._of_app
        self._shown = None
        self.query_one(RichLog).clear()
        self.follow()


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _BYTES))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
