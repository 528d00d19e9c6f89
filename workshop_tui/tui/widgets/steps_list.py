"""The steps with how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets.option_list import Option

from workshop_tui.findings import Verdict
from workshop_tui.report import SIGNS
from workshop_tui.tui.messages import StepChosen
from workshop_tui.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from workshop_tui.workshop import Step, Workshop


class StepsList(Choices):
    """Every step: ▶ open, ✔ passed, ◌ pending, ? unknown, ✘ passed once and broken since, ○ not yet."""

    BORDER_TITLE = "Steps"

    def __init__(self, workshop: Workshop) -> None:
        """Take the workshop."""
        self._workshop = workshop
        self._verdicts: dict[str, Verdict] = {}
        self._passed_before: Collection[str] = ()
        self._open = ""
        super().__init__(*(Option(self._line(step), id=step.id) for step in workshop.steps), id="steps")

    def show(
        self, open_step: str, verdicts: Mapping[str, Verdict], passed_before: Collection[str] = ()
    ) -> None:
        """Show these verdicts and which step is open; only lines that differ are drawn anew.

        `passed_before` are the steps that have passed at some time: one that fails now has been broken.
        """
        before = {step.id: self._line(step) for step in self._workshop.steps}
        opened = open_step != self._open
        self._open, self._verdicts, self._passed_before = open_step, dict(verdicts), passed_before
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
        elif verdict is None or (verdict is Verdict.FAILED and step.id not in self._passed_before):
            sign = "○"
        else:
            sign = SIGNS[verdict]
        bonus = " (bonus)" if step.bonus else ""
        return Text(f"{sign} {step.number:2} {step.title}{bonus}", no_wrap=True, overflow="ellipsis")

    def on_option_list_option_selected(self, event: Choices.OptionSelected) -> None:
        """Ask for the step."""
        event.stop()
        if event.option_id is not None:
            self.post_message(StepChosen(self._workshop.step(event.option_id)))
