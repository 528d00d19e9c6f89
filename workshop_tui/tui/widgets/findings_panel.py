"""The findings of the open step, each updated where it stands: nothing flickers, nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from workshop_tui.findings import Verdict, summarise
from workshop_tui.report import SIGNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Check, Step

_STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.PENDING: "yellow",
    Verdict.UNKNOWN: "magenta",
}


class FindingRow(Static):
    """One check and what it found."""

    def __init__(self, check: Check) -> None:
        """Take the check."""
        super().__init__(Text(f"· {check.title}"), classes="finding")
        self.check = check
        self.finding: Finding | None = None

    def show(self, finding: Finding) -> bool:
        """Show the finding; return whether it differs from what was shown."""
        if finding == self.finding:
            return False
        self.finding = finding
        self.update(finding_text(self.check, finding))
        return True


def finding_text(check: Check, finding: Finding) -> Text:
    """Return the finding as text without markup: sign, title, and what to do where it did not pass."""
    text = Text()
    text.append(f"{SIGNS[finding.verdict]} {check.title}\n", style=_STYLES[finding.verdict])
    if finding.verdict is Verdict.PASSED:
        text.append(f"  {finding.observed}", style="dim")
        return text
    text.append(f"  is    {finding.observed}\n")
    if finding.expected:
        text.append(f"  want  {finding.expected}\n")
    if finding.until is not None:
        text.append(f"  until {finding.until.astimezone():%H:%M:%S}\n", style="yellow")
    if finding.remedy:
        text.append(f"  {finding.remedy}\n", style="italic")
    if finding.command:
        text.append(f"  {finding.command}", style="bold")
    return text


class FindingsPanel(VerticalScroll, can_focus=True):
    """All checks of the open step."""

    BORDER_TITLE = "Checks"

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(id="findings")
        self._rows: dict[str, FindingRow] = {}

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

    @property
    def findings(self) -> Mapping[str, Finding]:
        """The findings shown, by check."""
        return {name: row.finding for name, row in self._rows.items() if row.finding is not None}

    def first_problem(self) -> FindingRow | None:
        """Return the first row that gives the step its verdict, where that is not passed."""
        rows = [row for row in self._rows.values() if row.finding is not None]
        verdict = summarise(row.finding.verdict for row in rows if row.finding)
        if verdict is Verdict.PASSED:
            return None
        return next((row for row in rows if row.finding and row.finding.verdict is verdict), None)

    def _tally(self) -> None:
        good = sum(finding.verdict is Verdict.PASSED for finding in self.findings.values())
        self.border_title = f"Checks  {good} of {len(self._rows)}"
