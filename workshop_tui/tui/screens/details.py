"""A text to read at leisure, over the desk: an explanation, a difference, help."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from workshop_tui.tui.messages import FaultHappened
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
FAULT = "That failed by a fault of ours; the log (l, then o) has the details."


class Details(Dialog[None]):
    """Shows one text; y copies it, or what it is about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", tooltip="Copy what there is to copy"),
        Binding("enter", "close", tooltip="Go back", show=False),
    ]
    keys_text = "y copy  Esc close"

    def __init__(self, title: str, text: Text | str, *, copy: str = "") -> None:
        """Take the text, and what `y` copies: the text itself by default."""
        super().__init__()
        self.title_text = title
        self._text = text if isinstance(text, Text) else Text(text)
        self._copy = copy or self._text.plain

    def body(self) -> HangingText:
        """Return the text."""
        return HangingText(self._text, id="details-text")

    def show(self, other: Details) -> None:
        """Show what another one shows."""
        self._text, self._copy = other._text, other._copy
        self.query_one("#details-text", HangingText).update(self._text)

    def action_copy(self) -> None:
        """Copy what there is to copy."""
        self.app.copy_to_clipboard(self._copy)
        self.notify("Sent to the clipboard.", markup=False)


class LateDetails(Details):
    """A text that must be read first: says so until it comes, and why where it does not come."""

    def __init__(self, title: str, waiting: str, read: Callable[[], Awaitable[Details]]) -> None:
        """Take the title, what to say meanwhile, and what reads; reading stops when this is closed."""
        super().__init__(title, waiting)
        self._read = read

    def on_mount(self) -> None:
        """Begin to read."""
        self._wait()

    @work(exclusive=True, exit_on_error=False)
    async def _wait(self) -> None:
        self.show(await self._read())

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that it could not be read."""
        if event.state is WorkerState.ERROR:
            _log.error("%s could not be read", self.title_text, exc_info=event.worker.error)
            self.show(Details(self.title_text, FAULT))
            self.app.post_message(FaultHappened(f"{self.title_text}: {FAULT}", event.worker.error))
