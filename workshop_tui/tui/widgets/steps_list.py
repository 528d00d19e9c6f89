"""The steps with how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets.option_list import Option

from workshop_tui.findings import Verdict
from workshop_tui.report import SIGNS
from workshop_tui.tui.messages import StepChosen
from workshop_tui.tui.widgets.choices import GUTTER, Choices
from workshop_tui.tui.widgets.hanging_text import hang

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from workshop_tui.workshop import Step, Workshop


_TITLE = 5
"""Where a title begins, behind sign and number."""


class StepsList(Choices):
    """Every step: ▶ open, ✔ passed, ◌ pending, ? unknown, ✘ passed once and broken since, ○ not yet."""

    BORDER_TITLE = "Steps"

    def __init__(self, workshop: Workshop) -> None:
        """Take the workshop."""
        self._workshop = workshop
        self._verdicts: dict[str, Verdict] = {}
        self._passed_before: Collection[str] = ()
        self._open = ""
        self._columns = 0
        """How wide a title may be before it is broken; 0: it is cut off instead."""
        super().__init__(*(Option(self._line(step), id=step.id) for step in workshop.steps), id="steps")

    def show(
        self, open_step: str, verdicts: Mapping[str, Verdict], passed_before: Collection[str] = ()
    ) -> None:
        """Show these verdicts and which step is open; only lines that differ are drawn anew.

        `passed_before` are the steps that have passed at some time: one that fails now has been broken.
        """
        opened = open_step != self._open
        before = self._lines_now()
        self._open, self._verdicts, self._passed_before = open_step, dict(verdicts), passed_before
        self._redraw(before)
        if opened:
            self.highlighted = next(
                index for index, step in enumerate(self._workshop.steps) if step.id == open_step
            )

    def on_resize(self) -> None:
        """Break long titles where there is height for all steps; else cut them off."""
        before, columns = self._lines_now(), self.content_size.width - GUTTER
        if columns > _TITLE:
            self._columns = columns
            if sum(len(line.plain.splitlines()) for line in self._lines_now()) > self.size.height:
                self._columns = 0
            self._redraw(before)

    def _redraw(self, before: Sequence[Text]) -> None:
        for index, (old, new) in enumerate(zip(before, self._lines_now(), strict=True)):
            if old != new:
                self.replace_option_prompt_at_index(index, new)

    def _lines_now(self) -> list[Text]:
        return [self._line(step) for step in self._workshop.steps]

    def _line(self, step: Step) -> Text:
        verdict = self._verdicts.get(step.id)
        if step.id == self._open:
            sign = "▶"
        elif verdict is None or (verdict is Verdict.FAILED and step.id not in self._passed_before):
            sign = "○"
        else:
            sign = SIGNS[verdict]
        bonus = " (bonus)" if step.bonus and not step.title.startswith("Bonus") else ""
        line = Text(f"{sign} {step.number:2} {step.title}{bonus}", no_wrap=True, overflow="ellipsis")
        if not self._columns:
            return line
        joint = Text("\n", no_wrap=True, overflow="ellipsis")
        return joint.join(part.text for part in hang(line, self._columns, indent=_TITLE))

    def on_option_list_option_selected(self, event: Choices.OptionSelected) -> None:
        """Ask for the step."""
        event.stop()
        if event.option_id is not None:
            self.post_message(StepChosen(self._workshop.step(event.option_id)))
