"""Choosing the names to work under on Azure: one list at a time, of what was found; nothing is typed."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import LoadingIndicator, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from workshop_tui.choosing import Choosing, Chosen, DeadEnd, Question, explain
from workshop_tui.cloud.text import clean
from workshop_tui.read_failure import ReadFailure
from workshop_tui.tui.keys import HELP, MESSAGES, MORE
from workshop_tui.tui.widgets.choices import Choices
from workshop_tui.tui.widgets.keys_footer import KeysFooter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from textual.app import ComposeResult

    from workshop_tui.choosing import Candidate, Reader
    from workshop_tui.settings import Settings

    OpenReader = Callable[[Settings], AbstractAsyncContextManager[Reader]]

_log = logging.getLogger(__name__)
_REASON_LIMIT = 700
"""So much leaves room for the ways out at 80 columns by 24."""
_NAME_CELLS = 34
"""The first column is at most this wide: the second must be seen at 80 columns, too."""
_WIDE = 100
"""From so many columns on there is room for ids."""
_GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_WAYS_OUT = {
    "look": "Look again",
    "shell": "Open a shell to sign in with az login, then look again",
    "without": "Go on without choosing: the checks will say what is missing",
    "back": "Back",
}


class ChooseNames(Screen["dict[str, str] | None"]):
    """Asks for subscription, group, cluster, account, deployment. Answers the names, or None to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Show all again, or the question before"),
        Binding("m", "messages", "Messages", tooltip=MESSAGES.tooltip),
        *(HELP, MORE),
    ]
    enter_tells = "Take what the cursor is at"

    def __init__(self, settings: Settings, open_reader: OpenReader, *, again: bool = False) -> None:
        """Take what is set already, what opens the reader, and whether to ask for that again."""
        super().__init__()
        self._settings = settings
        self._open = open_reader
        self._again = again
        self._choosing: Choosing | None = None
        self._question: Question | None = None
        self._filter = ""

    def compose(self) -> ComposeResult:
        """Lay out the question, its list, and what is being waited for."""
        with Vertical(id="choose-names"):
            yield Static("", id="names-title", markup=False)
            yield Static("", id="names-problem", markup=False)
            yield Static("", id="names-told", markup=False)
            yield LoadingIndicator(id="names-waiting")
            yield Choices(id="names", markup=False)
            yield Static("", id="names-filter", markup=False)
        yield KeysFooter(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin once the screen is seen."""
        self._wait_for("Signing in to Azure")
        self.call_after_refresh(self.hold)

    @work(exclusive=True, group="reader", exit_on_error=False)
    async def hold(self) -> None:
        """Keep the reader open for as long as this screen is."""
        async with self._open(self._settings) as reader:
            self._choosing = Choosing(reader, self._settings.names, again=self._again)
            self.advance()
            await asyncio.Event().wait()  # until the screen goes

    @work(exclusive=True, group="reading", exit_on_error=False)
    async def advance(self) -> None:
        """Read on to the next question, and ask it."""
        if self._choosing is None:
            self.hold()
            return
        self._question = None
        try:
            move = await self._choosing.go_on(self._wait_for)
        except ReadFailure as failure:
            self._offer_ways_out(explain(failure.unreadable))
            return
        match move:
            case Question():
                self._ask(move)
            case DeadEnd(reason=reason):
                self._offer_ways_out(reason)
            case Chosen(names=names):
                self._leave(names)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong, as a sentence; the details go to the log."""
        if event.state is WorkerState.ERROR:
            _log.error("the names could not be looked for", exc_info=event.worker.error)
            self._offer_ways_out(str(event.worker.error))

    def _leave(self, names: Mapping[str, str] | None) -> None:
        def leave() -> None:
            self.dismiss(None if names is None else dict(names))

        # Not from within a worker of this screen's: it ends with the screen.
        self.call_later(leave)

    # What is seen ---------------------------------------------------------------------------------------

    def _wait_for(self, what: str) -> None:
        self._show(f"{what} …", waiting=True)

    def _offer_ways_out(self, reason: str) -> None:
        self._show("Azure shows nothing to choose from.", problem=f"✘ {clean(reason, limit=_REASON_LIMIT)}")
        self._list([Option(Text(told), id=way) for way, told in _WAYS_OUT.items()], 0)

    def _ask(self, question: Question) -> None:
        self._question = question
        self._filter = ""
        self._show(question.title, problem=question.problem)
        self._list_candidates()

    def _show(self, title: str, *, problem: str = "", waiting: bool = False) -> None:
        self.query_one("#names-title", Static).update(title)
        notice = self.query_one("#names-problem", Static)
        notice.update(problem)
        notice.display = bool(problem)
        self.query_one(LoadingIndicator).display = waiting
        self.query_one(OptionList).display = not waiting
        self.query_one("#names-filter", Static).update("")
        told = "" if waiting else "↑↓ and Enter; type to find." if self._question else "↑↓ and Enter."
        self.query_one("#names-told", Static).update(told)
        self.refresh_bindings()

    def _list_candidates(self) -> None:
        question = self._question
        if question is None:
            return
        wanted = self._filter.lower()
        shown = [each for each in question.candidates if wanted in f"{each.title} {each.detail}".lower()]
        width = min(_NAME_CELLS, max((cell_len(each.title) for each in question.candidates), default=0))
        narrow = self.app.size.width < _WIDE
        options = [
            Option(_row(each, width, narrow=narrow), id=str(question.candidates.index(each)))
            for each in shown
        ]
        values = [each.value for each in shown]
        self._list(options, values.index(question.present) if question.present in values else 0)
        told = f"Those with “{self._filter}”: {len(shown)} of {len(question.candidates)}. Esc shows all."
        self.query_one("#names-filter", Static).update(told if wanted else "")

    def _list(self, options: list[Option], highlighted: int) -> None:
        names = self.query_one(OptionList)
        names.set_options(options)
        names.highlighted = highlighted if options else None
        names.focus()

    @property
    def takes_letters(self) -> bool:
        """Whether letters find something: while a question is asked."""
        return self._question is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Have no key where its letter finds something."""
        return action != "messages" or not self.takes_letters

    # What the learner does ------------------------------------------------------------------------------

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the answer, or the way out."""
        if event.option_id == "shell":
            from workshop_tui.tui.shell import run_shell  # noqa: PLC0415 - only where it is asked for

            run_shell(self.app, os.environ, "`az login` signs you in, `exit` brings you back.")
        if self._question is not None and self._choosing is not None:
            chosen = self._question.candidates[int(event.option_id or 0)]
            self._choosing.answer(self._question, chosen.value)
            self.advance()
        elif event.option_id in {"look", "shell"}:
            if self._choosing is not None:
                self._choosing.look_again()
            self.advance()
        elif event.option_id == "without":
            answers = self._choosing.answers if self._choosing is not None else {}
            self._leave(answers)
        else:
            self.action_back()

    def action_messages(self) -> None:
        """Show all that was told in passing."""
        self.app.call_later(self.app.run_action, "messages")

    def action_back(self) -> None:
        """Show all again, or go back one question, or leave."""
        if self._filter:
            self._filter = ""
            self._list_candidates()
        elif self._choosing is not None and self._choosing.back():
            self.advance()
        else:
            self._leave(None)

    def on_key(self, event: events.Key) -> None:
        """Narrow the list to what is typed."""
        if self._question is None:
            return
        if event.key == "backspace":
            self._filter = self._filter[:-1]
        elif event.key in {HELP.key, MORE.key}:
            return  # no name has these
        elif event.is_printable and event.character and (self._filter or event.character != " "):
            self._filter += event.character
        else:
            return
        event.stop()
        self._list_candidates()


def _shortened(guid: re.Match[str]) -> str:
    return f"{guid[0][:8]}…"


def _row(candidate: Candidate, width: int, *, narrow: bool) -> Text:
    """Return the candidate's line: its title, its second column, and what is to be known of it.

    Where it is narrow, ids are shortened: what is to be known must not be cut off.
    """
    title = candidate.title
    if cell_len(title) > width:
        title = f"{set_cell_size(title, width - 1)}…"
    row = Text(set_cell_size(title, width), no_wrap=True, overflow="ellipsis")
    row.append(f"  {_GUID.sub(_shortened, candidate.detail) if narrow else candidate.detail}", style="dim")
    if candidate.note:
        row.append(f"  ({candidate.note})", style="yellow")
    return row
