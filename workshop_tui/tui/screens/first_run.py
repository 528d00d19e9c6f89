"""First run: two choices with one sentence each, and what each still lacks on this machine."""

from __future__ import annotations

import logging
from contextlib import aclosing
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from workshop_tui.tui.keys import HELP, MESSAGES, MORE, QUIT
from workshop_tui.tui.messages import TargetChosen
from workshop_tui.tui.widgets.choices import Choices
from workshop_tui.tui.widgets.keys_footer import KeysFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from workshop_tui.doctor import Diagnosis, Mode
    from workshop_tui.settings import Settings

_log = logging.getLogger(__name__)
_CHOICES: dict[Mode, tuple[str, str]] = {
    "practice": ("Practice", "No subscription needed: a cloud of your own on this machine."),
    "azure": ("Azure", "Your own subscription, after `az login`."),
}


class FirstRun(Screen[None]):
    """Asks where the workshop is to run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Go back to the desk"),
        Binding("d", "doctor", "Doctor", tooltip="What this machine and your sign-in have and lack"),
        Binding("m", "app.messages", "Messages", tooltip=MESSAGES.tooltip),
        *(HELP, MORE),
        Binding("Q", "app.quit", "Quit", tooltip=QUIT.tooltip),
    ]
    enter_tells = "Work there"

    def __init__(self, settings: Settings, problem: str = "", *, back: bool = False) -> None:
        """Take the settings to examine the machine with, and what went wrong the last time, if anything.

        `back`: Esc goes back to where one came from.
        """
        super().__init__()
        self._back = back
        self._settings = settings
        self._problem = problem
        self._found: list[Diagnosis] = []
        self._looking = True

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(id="first-run"):
            yield Static("Securely access Azure OpenAI from AKS", id="first-run-title", markup=False)
            if self._problem:
                yield Static(f"✘ {self._problem}", id="first-run-problem", markup=False)
            yield Static(Text("Where do you want to work?  ").append("↑↓ and Enter.", style="dim"))
            first, *others = (Option(self._prompt(kind), id=kind) for kind in _CHOICES)
            yield Choices(
                first, *chain.from_iterable((None, each) for each in others), id="target", markup=False
            )
        yield KeysFooter(show_command_palette=False)

    def on_mount(self) -> None:
        """Put the cursor on the first choice, and look at the machine once the question is on the screen."""
        self.query_one(OptionList).focus()
        self.call_after_refresh(self.examine)

    @work(exclusive=True, exit_on_error=False)
    async def examine(self) -> None:
        """Ask the doctor what each choice lacks, and say it below the choice."""
        from workshop_tui.doctor import diagnose  # noqa: PLC0415 - after first paint

        async with aclosing(diagnose(self._settings, None)) as found:
            async for diagnosis in found:
                self._found.append(diagnosis)
        self._looking = False
        self._show()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep a fault of the doctor's out of the way of the choice."""
        if event.state is WorkerState.ERROR:
            _log.error("the doctor failed", exc_info=event.worker.error)
            self._looking = False
            self._show()

    def _show(self) -> None:
        options = self.query_one(OptionList)
        for kind in _CHOICES:
            options.replace_option_prompt(kind, self._prompt(kind))

    def _prompt(self, kind: Mode) -> Text:
        name, sentence = _CHOICES[kind]
        text = Text(f"{name}\n", style="bold").append(f"{sentence}\n", style="not bold")
        if self._looking:
            return text.append("Looking at this machine …", style="not bold dim")
        from workshop_tui.doctor import State, counts  # noqa: PLC0415 - after first paint

        lacks = [each for each in self._found if each.state is State.LACKING and counts(each, kind)]
        if not lacks:
            return text.append(
                "This machine has all it needs." if self._found else "", style="not bold green"
            )
        titles = ", ".join(each.title for each in lacks)
        return text.append(f"Still lacking: {titles} (d tells more)", style="not bold yellow")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Have no way back at the start."""
        return action != "back" or self._back

    def action_back(self) -> None:
        """Go back to where one came from."""
        self.app.pop_screen()

    def action_doctor(self) -> None:
        """Show all that the doctor found, each lack with its remedy."""
        from workshop_tui.tui.screens.readings import doctor_text  # noqa: PLC0415 - only where it is asked for

        if self._looking:
            self.notify("Still looking at this machine.", markup=False)
        else:
            self.app.push_screen(doctor_text(self._found))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell the app."""
        if event.option_id is not None:
            self.app.post_message(TargetChosen(event.option_id))
