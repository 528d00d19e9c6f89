"""The steps with how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workshop_tui.findings import Verdict
from workshop_tui.report import SIGNS
from workshop_tui.tui.messages import StepChosen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.workshop import Step, Workshop


class StepsList(OptionList):
    """Every step: ✔ passed, ▶ open, ✘ failed, ○ not yet."""

    BORDER_TITLE = "Steps"

    def __init__(self, workshop: Workshop) -> None:
        """Take the workshop."""
        self._workshop = workshop
        self._verdicts: dict[str, Verdict] = {}
        self._open = ""
        super().__init__(*(Option(self._line(step), id=step.id) for step in workshop.steps), id="steps")

    def show(self, open_step: str, verdicts: Mapping[str, Verdict]) -> None:
        """Show these verdicts and which step is open; only lines that differ are drawn anew."""
        before = {step.id: self._line(step) for step in self._workshop.steps}
        opened = open_step != self._open
        self._open, self._verdicts = open_step, dict(verdicts)
        for index, step in enumerate(self._workshop.steps):
            line = self._line(step)
            if line != before[step.id]:
                self.replace_option_prompt_at_index(index, line)
            if opened and step.id == open_step:
                self.highlighted = index

    def _line(self, step: Step) -> Text:
        verdict = self._verdicts.get(step.id)
        if step.id == self._open:
            sign = "▶"
        elif verdict is None:
            sign = "○"
        else:
            sign = SIGNS[verdict] if verdict is not Verdict.FAILED else "○"
        bonus = " (bonus)" if step.bonus else ""
        return Text(f"{sign} {step.number:2} {step.title}{bonus}", no_wrap=True, overflow="ellipsis")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for the step."""
        event.stop()
        if event.option_id is not None:
            self.post_message(StepChosen(self._workshop.step(event.option_id)))
