"""A finding as text: sign, title, what is and what should be with the difference marked, and the way out."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rich.text import Text

from workshop_tui.findings import Verdict
from workshop_tui.report import ROOT_WORDS, SIGNS
from workshop_tui.root_causes import title_of
from workshop_tui.tui.times import countdown

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Check, Step

STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.PENDING: "yellow",
    Verdict.UNKNOWN: "magenta",
}
SAME = "the same as above"
"""What is said of a finding that another check before it has told, word for word."""
_MUCH = 60_000
"""Where the lengths multiply to more, comparing letter by letter would be felt: it takes their product."""
_ALIKE = 0.5
"""Texts less alike than this have no difference worth marking: they are two different things."""


def finding_text(check: Check, finding: Finding, now: datetime, follows: str = "") -> Text:
    """Return the finding as text without markup. `now` is aware; a pending finding counts down from it.

    What passed takes a line. What only follows from another, as `follows` says, is told quietly, and has no
    way out of its own.
    """
    verdict = finding.verdict
    text = Text().append(f"{SIGNS[verdict]} ", style=STYLES[verdict])
    if verdict is Verdict.PASSED or follows:
        text.append(check.title, style="dim" if follows else STYLES[verdict])
        if follows == SAME:
            return text.append(f" · {SAME}", style="dim italic")
        text.append(f" · {finding.observed}", style="dim")
        return text.append_text(_lines(follows, "italic"))
    text.append(check.title, style=STYLES[verdict])
    if finding.expected:
        observed, expected = mark_difference(finding.observed, finding.expected)
        text.append("\n  is    ", style="dim").append_text(observed)
        text.append("\n  want  ", style="dim").append_text(expected)
    else:
        text.append_text(_lines(finding.observed))
    if finding.until is not None:
        text.append(f"\n  about {countdown(finding.until, now)} to go", style="yellow")
    return text.append_text(_way_out(finding))


def root_text(step: Step, finding: Finding) -> Text:
    """Return a root that shows in another step: what is wrong, where, and the way out."""
    said = f"{ROOT_WORDS[finding.verdict]}, step {step.number}: {title_of(finding.cause)}"
    text = Text().append(f"{SIGNS[finding.verdict]} {said}", style=STYLES[finding.verdict])
    return text.append_text(_lines(finding.observed)).append_text(_way_out(finding))


def _way_out(finding: Finding) -> Text:
    return _lines(finding.remedy, "italic").append_text(_lines(finding.command, "bold"))


def _lines(text: str, style: str = "") -> Text:
    """Return each line of the text below what is before it, and indented."""
    told = Text()
    for line in text.splitlines():
        told.append("\n  ").append(line, style=style)
    return told


def mark_difference(observed: str, expected: str) -> tuple[Text, Text]:
    """Return both texts with the parts in which they differ underlined, where they are alike at all."""
    left, right = Text(observed), Text(expected)
    if observed != expected:
        for start, end, other_start, other_end in _differences(observed, expected):
            left.stylize("reverse", start, end)
            right.stylize("reverse", other_start, other_end)
    return left, right


def _differences(observed: str, expected: str) -> list[tuple[int, int, int, int]]:
    """Return where they differ, in the one and in the other; nothing where they are two different things."""
    if len(observed) * len(expected) > _MUCH:
        return _long_differences(observed, expected)
    matcher = SequenceMatcher(None, observed, expected, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return []
    return [
        (start, end, other, last)
        for kind, start, end, other, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _long_differences(observed: str, expected: str) -> list[tuple[int, int, int, int]]:
    """Return what lies between a common beginning and a common end: quick, whatever the texts."""
    shorter = min(len(observed), len(expected))
    start = next((place for place in range(shorter) if observed[place] != expected[place]), shorter)
    left = shorter - start
    end = next((place for place in range(left) if observed[-1 - place] != expected[-1 - place]), left)
    if 2 * (start + end) < _ALIKE * (len(observed) + len(expected)):
        return []
    return [(start, len(observed) - end, start, len(expected) - end)]
