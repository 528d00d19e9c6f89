"""First run: two choices with one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from workshop_tui.tui.messages import TargetChosen

if TYPE_CHECKING:
    from textual.app import ComposeResult

_CHOICES = {
    "practice": "Practice\nNo subscription needed: a cloud of your own on this machine.",
    "azure": "Azure\nYour own subscription, after `az login`.",
}


class FirstRun(Screen[None]):
    """Asks where the workshop is to run."""

    def __init__(self, problem: str = "") -> None:
        """Take what went wrong the last time, if anything did."""
        super().__init__()
        self._problem = problem

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(id="first-run"):
            yield Static("Securely access Azure OpenAI from AKS", id="first-run-title", markup=False)
            if self._problem:
                yield Static(f"✘ {self._problem}", id="first-run-problem", markup=False)
            yield Static("Where do you want to work? Arrow keys and Enter.", markup=False)
            yield OptionList(
                *(Option(_plain(text), id=kind) for kind, text in _CHOICES.items()), id="target", markup=False
            )
        yield Footer()

    def on_mount(self) -> None:
        """Put the cursor on the first choice."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell the app."""
        if event.option_id is not None:
            self.app.post_message(TargetChosen(event.option_id))


def _plain(text: str) -> str:
    return text + "\n"
