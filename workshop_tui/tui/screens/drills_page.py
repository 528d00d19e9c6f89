"""The drills: which there are, which were solved, and the one that runs: start, hint, check, reveal, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from workshop_tui.drills import DrillError, load_drill, load_drills
from workshop_tui.drills.drill import DIFFICULTIES
from workshop_tui.drills.keeping import Book
from workshop_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.widget import Widget

    from workshop_tui.session import Session


class _Page(Vertical):
    """What runs above, the list below."""

    DEFAULT_CSS = "_Page { height: auto; } _Page OptionList { height: auto; border: none; }"

    def compose(self) -> ComposeResult:
        yield Static(id="drill-told", markup=False)
        yield OptionList(id="drills")


class DrillsPage(Dialog[None]):
    """Drills for the practice cloud."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint"),
        Binding("c", "judge", "Check"),
        Binding("n", "nothing", "Nothing is wrong"),
        Binding("r", "reveal", "Reveal"),
        Binding("x", "stop", "Stop the drill"),
    ]
    title_text = "Drills: find the fault"
    keys_text = "Enter start · h hint · c check · n nothing wrong · r reveal · x stop · Esc close"

    def __init__(self, session: Session) -> None:
        """Take the session whose world gets the fault."""
        super().__init__()
        self._session = session
        self._book = Book(session.settings.home)
        self._drills = load_drills()

    def body(self) -> Widget:
        """Return the page."""
        return _Page()

    def on_mount(self) -> None:
        """Show the list, and what runs."""
        self._list()
        self.query_one(OptionList).focus()
        running = self._book.running()
        if running is None:
            self._tell("Choose one: something is made wrong in the practice cloud, for you to find and mend.")
        else:
            self._tell(self._symptom(running.drill))

    def _symptom(self, drill_id: str) -> str:
        drill = load_drill(drill_id)
        return f"A drill is running: {drill.title}.\n\n{drill.symptom}\n"

    def _tell(self, text: str) -> None:
        self.query_one("#drill-told", Static).update(Content(f"{text}\n"))

    def _list(self) -> None:
        solved, running = self._book.solved(), self._book.running()
        rows = self.query_one(OptionList)
        rows.clear_options()
        for drill in self._drills:
            runs = running is not None and running.drill == drill.id
            sign = "▶" if runs else "✔" if drill.id in solved else " "
            line = f"{sign} {DIFFICULTIES[drill.difficulty]:6} {drill.title}"
            rows.add_option(Option(Content(line), id=drill.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Start the drill that was chosen."""
        if event.option_id is not None:
            self.start_drill(event.option_id)

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def start_drill(self, drill_id: str) -> None:
        """Start it; the symptom is told when it has come about."""
        from workshop_tui import drilling  # noqa: PLC0415 - only where it is asked for

        if await self._follow(drilling.start(self._session, drill_id)):
            self._tell(self._symptom(drill_id))
        self._list()

    def action_stop(self) -> None:
        """Have the world as it was."""
        self.stop_drill()

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def stop_drill(self) -> None:
        """Put everything back."""
        from workshop_tui import drilling  # noqa: PLC0415 - only where it is asked for

        await self._follow(drilling.stop(self._session))
        self._list()

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
        self.judge_drill(nothing=False)

    def action_nothing(self) -> None:
        """Take the answer that nothing is wrong."""
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
                _, solved = await drilling.check(self._session)
                self._tell("Solved: all is right again. x tidies up." if solved else "Not solved yet.")
        except DrillError as error:
            self._tell(str(error))
        self._list()

    def action_hint(self) -> None:
        """Give the next hint."""
        from workshop_tui.drilling import give_hint  # noqa: PLC0415 - only where it is asked for

        try:
            self._tell(give_hint(self._book))
        except DrillError as error:
            self._tell(str(error))

    def action_reveal(self) -> None:
        """Tell all."""
        from workshop_tui.drilling import reveal  # noqa: PLC0415 - only where it is asked for

        try:
            drill = reveal(self._book)
        except DrillError as error:
            self._tell(str(error))
        else:
            self._tell(f"{drill.told}\n\nWhat mends it: {drill.fix}")
