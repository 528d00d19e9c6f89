"""Clean up: everything the workshop made, listed first, removed on the learner's word."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.worker import Worker, WorkerState

from workshop_tui.events import Undone
from workshop_tui.tui.messages import FaultHappened
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.events import GuideProtocol
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)


class CleanUp(Dialog[bool]):
    """Lists what a reset of these steps would undo; y does it, last step first. Answers whether it began."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "accept", "Remove all of it", tooltip="Remove all that is listed"),
    ]

    title_text = "Clean up"
    keys_text = "y remove all of it  Esc leave it"

    def __init__(self, guide: GuideProtocol, steps: Sequence[Step]) -> None:
        """Take who undoes, and what."""
        super().__init__()
        self._guide, self._steps = guide, steps
        self._planned = 0
        self._busy = True
        self._began = False

    def body(self) -> HangingText:
        """Return the list."""
        return HangingText("Looking for what the workshop made …", id="clean-up")

    def on_mount(self) -> None:
        """List what there is; nothing is removed yet."""
        self._undo(dry_run=True)

    @work(exclusive=True, exit_on_error=False)
    async def _undo(self, *, dry_run: bool) -> None:
        self._busy = True
        text, count, problems = Text(), 0, 0
        async with aclosing(self._guide.reset(self._steps, dry_run=dry_run)) as events:
            async for event in events:
                if isinstance(event, Undone):
                    count += 1
                    problems += bool(event.problem)
                    _tell(text, event, done=not dry_run)
                    self._show(text)
        self._busy = False
        self._planned = count if dry_run else 0
        if not count:
            text.append("There is nothing of the workshop's to remove.")
        elif problems:
            told = "\nNot all of it went. Mend what is said above, then open this again: it goes on there."
            text.append(told, style="bold red")
        elif not dry_run:
            text.append("\nDone. What was yours before is as it was.", style="bold")
        self._show(text)
        if dry_run:
            # A list is read from its top.
            self.call_after_refresh(self.query_one(VerticalScroll).scroll_home, animate=False)
        self.tell_keys(self.query_one(".dialog"), self.keys_text if self._planned else "Esc close")

    def _show(self, text: Text) -> None:
        self.query_one("#clean-up", HangingText).update(text)
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that it failed; why is in the log."""
        if event.state is WorkerState.ERROR:
            self._busy = False
            _log.error("cleaning up failed", exc_info=event.worker.error)
            told = "It failed by a fault of ours; m has the details."
            self.query_one("#clean-up", HangingText).update(told)
            self.app.post_message(FaultHappened("Cleaning up failed by a fault of ours.", event.worker.error))

    def action_accept(self) -> None:
        """Remove what was listed."""
        if self._planned and not self._busy:
            self._began = True
            self._undo(dry_run=False)

    def action_close(self) -> None:
        """Leave; what is being undone goes on to its end only while it is shown."""
        if self._busy and self._planned:
            self.notify("Stopped. Open it again and it goes on where it was.", markup=False)
        self.dismiss(self._began)


def _tell(text: Text, event: Undone, *, done: bool) -> None:
    sign, style = ("✘", "bold red") if event.problem else ("✔", "green") if done else ("↶", "default")
    text.append(f"{sign} {event.undo.change.what}\n", style=style)
    if event.undo.change.command and not done:
        text.append(f"    {event.undo.change.command}\n", style="dim")
    if event.problem:
        text.append(f"    {event.problem}\n", style="italic")
