"""The findings of the open step, each updated where it stands: nothing flickers, nothing moves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll

from workshop_tui.findings import Verdict, summarise
from workshop_tui.tui.widgets.finding_text import finding_text
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.timer import Timer

    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Check, Step


class FindingRow(HangingText):
    """One check and what it found."""

    def __init__(self, check: Check) -> None:
        """Take the check."""
        super().__init__(Text(f"· {check.title}"), classes="finding")
        self.check = check
        self.finding: Finding | None = None
        self.follows = ""
        """What the finding follows from, in words; empty where it shows a root itself, or passed."""

    def mark(self, follows: str) -> None:
        """Tell what it follows from."""
        if follows != self.follows:
            self.follows = follows
            self.draw()

    def show(self, finding: Finding) -> bool:
        """Show the finding; return whether it differs from what was shown."""
        if finding == self.finding:
            return False
        self.finding = finding
        self.draw()
        return True

    def draw(self) -> None:
        """Draw it as of now: a pending one counts down."""
        if self.finding is not None:
            self.update(finding_text(self.check, self.finding, datetime.now(UTC), self.follows))

    @property
    def counts_down(self) -> bool:
        """Whether what it shows changes with time."""
        return self.finding is not None and self.finding.until is not None


class FindingsPanel(VerticalScroll, can_focus=True):
    """All checks of the open step."""

    BORDER_TITLE = "Checks"

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(id="findings")
        self._rows: dict[str, FindingRow] = {}
        self._clock: Timer | None = None

    def on_mount(self) -> None:
        """Have a clock ready; it ticks only while something counts down."""
        self._clock = self.set_interval(1.0, self._tick, pause=True)

    def _tick(self) -> None:
        for row in self._rows.values():
            if row.counts_down:
                row.draw()

    async def open(self, step: Step) -> None:
        """Show this step's checks, not judged yet."""
        self._rows = {check.id: FindingRow(check) for check in step.checks}
        await self.remove_children()
        await self.mount(*self._rows.values())
        self.scroll_home(animate=False)
        self._tally()

    def show(self, check: Check, finding: Finding) -> bool:
        """Show a finding where its check stands; return whether that changed anything."""
        row = self._rows.get(check.id)
        changed = row.show(finding) if row is not None else False
        self._tally()
        return changed

    def mark(self, follows: Mapping[str, str]) -> None:
        """Tell of each finding what it follows from, by check; those that are not named show roots."""
        for name, row in self._rows.items():
            row.mark(follows.get(name, ""))

    @property
    def findings(self) -> Mapping[str, Finding]:
        """The findings shown, by check."""
        return {name: row.finding for name, row in self._rows.items() if row.finding is not None}

    def first_problem(self) -> FindingRow | None:
        """Return the row that gives the step its verdict, where that is not passed: one with a root first."""
        rows = [row for row in self._rows.values() if row.finding is not None]
        verdict = summarise(row.finding.verdict for row in rows if row.finding)
        if verdict is Verdict.PASSED:
            return None
        found = [row for row in rows if row.finding and row.finding.verdict is verdict]
        return min(found, key=lambda row: bool(row.follows), default=None)

    def _tally(self) -> None:
        good = sum(finding.verdict is Verdict.PASSED for finding in self.findings.values())
        self.border_title = f"Checks  {good} of {len(self._rows)}"
        if self._clock is not None:
            counting = any(row.counts_down for row in self._rows.values())
            self._clock.resume() if counting else self._clock.pause()
