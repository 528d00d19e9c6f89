"""The drills: which there are, which were solved, and the one that runs: start, hint, check, reveal, stop."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from workshop_tui.drills import DrillError, load_drill, load_drills
from workshop_tui.drills.rows import count_of, row_of
from workshop_tui.drills.store import DrillStore
from workshop_tui.report import tally
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.widget import Widget

    from workshop_tui.session import Session

_log = logging.getLogger(__name__)


class _Page(Vertical):
    """The drill that runs; else the list, and below it the one under the cursor."""

    def compose(self) -> ComposeResult:
        yield Choices(id="drills")
        yield VerticalScroll(
            Static(id="drill-symptom", markup=False), Static(id="drill-told", markup=False), can_focus=False
        )


class DrillsPage(Dialog[None]):
    """Drills for the practice cloud: choose one; while it runs, its symptom, hints and verdict."""

    DEFAULT_CSS = """
    DrillsPage .dialog { height: 90%; }
    DrillsPage.-running .dialog { height: auto; min-height: 12; }
    DrillsPage .dialog > VerticalScroll, DrillsPage _Page { height: 1fr; }
    DrillsPage.-running .dialog > VerticalScroll, DrillsPage.-running _Page { height: auto; }
    DrillsPage OptionList, DrillsPage OptionList:focus { height: 1fr; border: none; padding: 0; }
    DrillsPage _Page VerticalScroll { height: auto; max-height: 60%; border-top: solid $frame; }
    DrillsPage.-running OptionList { display: none; }
    DrillsPage.-running _Page VerticalScroll { max-height: 100%; border-top: none; }
    DrillsPage #drill-told { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint", tooltip="Give one hint more"),
        Binding("c", "judge", "Check", tooltip="Say whether it is mended"),
        Binding("n", "nothing", "Nothing is wrong", tooltip="Answer that nothing is wrong"),
        Binding(
            "r",
            "reveal",
            "Reveal",
            tooltip="Tell the fault and what mends it; it does not count as solved then",
        ),
        Binding("x", "stop", "Stop", tooltip="Stop the drill and put everything back"),
    ]
    title_text = "Drills: find the fault"
    enter_tells = "Start the drill"

    def __init__(self, session: Session) -> None:
        """Take the session whose world gets the fault."""
        super().__init__()
        self._session = session
        self._store = DrillStore(session.settings.home)
        self._drills = load_drills()

    def body(self) -> Widget:
        """Return the page."""
        return _Page()

    def on_mount(self) -> None:
        """Show what runs, or the list."""
        rows = self.query_one(OptionList)
        solved = self._store.solved()
        rows.add_options([Option(Content(row_of(drill, solved)), id=drill.id) for drill in self._drills])
        rows.highlighted = 0
        self._draw()

    def _draw(self) -> None:
        """Show how it stands: the symptom while a drill runs, else the list with what is solved."""
        running, solved = self._store.running(), self._store.solved()
        self.set_class(running is not None, "-running")
        box, rows = self.query_one(".dialog"), self.query_one(OptionList)
        if running is not None:
            drill = load_drill(running.drill)
            text = Text(drill.title, style="bold").append(
                f"\nRunning since {running.since}.", style="not bold dim"
            )
            text.append(f"\n\n{drill.symptom.strip()}", style="not bold")
            for number, hint in enumerate(drill.hints[: running.hints], 1):
                text.append(f"\n\nHint {number} of {len(drill.hints)}: ", style="not bold yellow")
                text.append(hint, style="not bold")
            self._describe(text)
            self.tell_keys(box, "h hint  c check  n nothing is wrong  r reveal  x stop  Esc close")
            return
        for drill in self._drills:
            rows.replace_option_prompt(drill.id, Content(row_of(drill, solved)))
        box.border_title = f"{self.title_text} · {count_of(self._drills, solved)}"
        self.tell_keys(box, "↑↓ drills  Enter start  Esc close")
        rows.focus()
        self._describe_chosen()

    def _describe_chosen(self) -> None:
        row = self.query_one(OptionList).highlighted
        if row is not None and self._store.running() is None:
            self._describe(self._drills[row].symptom.strip())

    def _describe(self, text: str | Text) -> None:
        self.query_one("#drill-symptom", Static).update(Content(text) if isinstance(text, str) else text)

    def _tell(self, text: str) -> None:
        told = self.query_one("#drill-told", Static)
        told.update(Content(text))
        told.display = bool(text)
        # What was told last is below the symptom and the hints.
        told.scroll_visible(animate=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell the symptom of the drill under the cursor."""
        event.stop()
        self._tell("")
        self._describe_chosen()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Start the drill that was chosen."""
        event.stop()
        if event.option_id is not None and self._is_free():
            self.start_drill(event.option_id)

    def _is_free(self) -> bool:
        """Return whether nothing is being changed; another key would break that off."""
        if self._session.journal.at_work:
            self.notify(f"Wait: {self._session.journal.at_work}. Esc breaks it off.", markup=False)
        return not self._session.journal.at_work

    def action_close(self) -> None:
        """Go back to the desk; what is being changed is broken off, and can be put right again."""
        doing = self._session.journal.at_work
        if doing:
            told = f"Broken off: {doing}. Open the drills again: x puts everything back."
            self.notify(told, severity="warning", timeout=15, markup=False)
        super().action_close()

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def start_drill(self, drill_id: str) -> None:
        """Start it; it is told when the fault shows."""
        from workshop_tui import drilling  # noqa: PLC0415 - only where it is asked for

        if await self._follow(drilling.start(self._session, drill_id)):
            self._tell("It shows now. Find it and mend it with any tool; c says whether it is mended.")
        self._draw()

    def action_stop(self) -> None:
        """Have the world as it was."""
        if self._is_free():
            self.stop_drill()

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def stop_drill(self) -> None:
        """Put everything back."""
        from workshop_tui import drilling  # noqa: PLC0415 - only where it is asked for

        await self._follow(drilling.stop(self._session))
        self._draw()

    async def _follow(self, lines: AsyncIterator[str]) -> bool:
        """Tell each line as it comes; return whether it came to its end."""
        from workshop_tui.journal import BusyError, JournalError  # noqa: PLC0415 - likewise

        try:
            async for line in lines:
                self._tell(line)
        except (DrillError, BusyError, JournalError) as error:
            self._tell(str(error))
            return False
        return True

    def action_judge(self) -> None:
        """Say whether it is mended."""
        if self._is_free():
            self.judge_drill(nothing=False)

    def action_nothing(self) -> None:
        """Take the answer that nothing is wrong."""
        if self._is_free():
            self.judge_drill(nothing=True)

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def judge_drill(self, *, nothing: bool) -> None:
        """Judge the world, or the answer."""
        from workshop_tui import drilling  # noqa: PLC0415 - only where it is asked for

        try:
            if nothing:
                right = await drilling.answer_nothing(self._session)
                self._tell("Right: nothing is wrong. x tidies up." if right else "No: something is wrong.")
            else:
                self._tell("Looking …")
                report, solved = await drilling.check(self._session)
                self._tell(
                    "Solved: all is right again. x tidies up." if solved else f"Not yet: {tally(report)}."
                )
        except DrillError as error:
            self._tell(str(error))

    def action_hint(self) -> None:
        """Give the next hint."""
        from workshop_tui.drilling import give_hint  # noqa: PLC0415 - only where it is asked for

        before = self._store.running()
        try:
            give_hint(self._store)
        except DrillError as error:
            self._tell(str(error))
        else:
            no_more = before is not None and before.hints >= len(load_drill(before.drill).hints)
            self._tell("That was the last hint; r tells all." if no_more else "")
            self._draw()

    def action_reveal(self) -> None:
        """Tell all."""
        from workshop_tui.drilling import reveal  # noqa: PLC0415 - only where it is asked for

        try:
            drill = reveal(self._store)
        except DrillError as error:
            self._tell(str(error))
        else:
            self._tell(f"{drill.told.strip()}\n\nWhat mends it: {drill.fix}")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """End in words whatever went wrong; the log has the rest."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("a drill could not be worked on", exc_info=event.worker.error)
            self._tell(f"That went wrong: {event.worker.error}. Try again; the log has the details.")
