"""A finding as text: sign, title, what is and what should be with the difference marked, and the way out."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rich.text import Text

from workshop_tui.findings import Verdict
from workshop_tui.report import SIGNS
from workshop_tui.tui.times import countdown

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Check

STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.PENDING: "yellow",
    Verdict.UNKNOWN: "magenta",
}
_ALIKE = 0.5
"""Texts less alike than this have no difference worth marking: they are two different things."""


def finding_text(check: Check, finding: Finding, now: datetime, follows: str = "") -> Text:
    """Return the finding as text without markup. `now` is aware; a pending finding counts down from it.

    One that only follows from another, which `follows` says, is told quietly, and has no way out of its own.
    """
    text = Text()
    if follows and finding.verdict is not Verdict.PASSED:
        text.append(f"{SIGNS[finding.verdict]} {check.title}\n", style="dim")
        text.append(f"  {finding.observed}\n", style="dim")
        return text.append(f"  {follows}", style="italic")
    text.append(f"{SIGNS[finding.verdict]} {check.title}\n", style=STYLES[finding.verdict])
    if finding.verdict is Verdict.PASSED:
        return text.append(f"  {finding.observed}", style="dim")
    if finding.expected:
        observed, expected = mark_difference(finding.observed, finding.expected)
        text.append("  is    ", style="dim").append_text(observed).append("\n")
        text.append("  want  ", style="dim").append_text(expected).append("\n")
    else:
        text.append(f"  {finding.observed}\n")
    if finding.until is not None:
        text.append(f"  about {countdown(finding.until, now)} to go\n", style="yellow")
    if finding.remedy:
        text.append(f"  {finding.remedy}\n", style="italic")
    if finding.command:
        text.append(f"  {finding.command}\n", style="bold")
    text.rstrip()
    return text


def mark_difference(observed: str, expected: str) -> tuple[Text, Text]:
    """Return both texts with the parts in which they differ underlined, where they are alike at all."""
    left, right = Text(observed), Text(expected)
    matcher = SequenceMatcher(None, observed, expected, autojunk=False)
    if observed == expected or matcher.ratio() < _ALIKE:
        return left, right
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            left.stylize("reverse", start, end)
            right.stylize("reverse", other_start, other_end)
    return left, right
