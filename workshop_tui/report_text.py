"""A report as lines of text, for a terminal: as a table, or finding by finding."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from workshop_tui.findings import Finding, Verdict
from workshop_tui.report import ROOT_WORDS, SIGNS, Report, follows_words, tally
from workshop_tui.root_causes import RootCauses, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.workshop import Check

_COLOURS = {Verdict.PASSED: "32", Verdict.FAILED: "31", Verdict.PENDING: "33", Verdict.UNKNOWN: "35"}


def root_lines(
    causes: RootCauses, titles: Mapping[str, str], *, width: int = 100, colour: bool = False
) -> list[str]:
    """Return the root causes as lines of plain text, each with its way out; `titles` are those of steps."""
    lines = []
    for number, root in enumerate(causes.told, 1):
        which = f" {number} of {len(causes.told)}" if len(causes.told) > 1 else ""
        verdict = root.finding.verdict
        head = _paint(f"{ROOT_WORDS[verdict]}{which}:", verdict, colour=colour)
        lines.append(f"{head} {title_of(root.cause)}")
        lines += _wrapped("seen    ", f"{titles.get(root.step, root.step)}: {root.finding.observed}", width)
        lines += _until(root.finding, width)
        lines += _way_out(root.finding, width)
    return lines


def finding_lines(
    check: Check,
    finding: Finding,
    *,
    width: int = 100,
    colour: bool = False,
    follows: str = "",
    above: str = "",
) -> list[str]:
    """Return a finding as lines of plain text: what it is, and where it did not pass, what to do.

    Of one that only `follows` from root causes no more than that is told: their way out is its own. `above`
    says where the way out stands already, so that each stands in a report once.
    """
    sign = _paint(f"{SIGNS[finding.verdict]} {finding.verdict.value:8}", finding.verdict, colour=colour)
    head = f"  {sign} {check.title}"
    if finding.verdict is Verdict.PASSED:
        return [head, *_wrapped("", finding.observed, width)]
    lines = [head, *_wrapped("is      ", finding.observed, width)]
    if follows:
        return lines + _wrapped("", follows, width)
    if finding.expected:
        lines += _wrapped("want    ", finding.expected, width)
    cause = finding.cause or ""
    lines += _wrapped("cause   ", f"{cause}: {above}" if above else cause, width)
    lines += _until(finding, width)
    return lines if above else lines + _way_out(finding, width)


def _told_above(causes: RootCauses, finding: Finding) -> str:
    """Return which of the roots that are told first has this finding's way out; empty where none has."""
    for number, root in enumerate(causes.told, 1):
        ways = (root.cause, root.finding.remedy, root.finding.command)
        if ways == (finding.cause, finding.remedy, finding.command):
            return (
                f"see {ROOT_WORDS[root.finding.verdict].lower()} {number}"
                if len(causes.told) > 1
                else "see above"
            )
    return ""


def _until(finding: Finding, width: int) -> list[str]:
    return (
        _wrapped("until   ", finding.until.astimezone().strftime("%H:%M:%S"), width) if finding.until else []
    )


def _way_out(finding: Finding, width: int) -> list[str]:
    # Commands are never wrapped: they are there to be copied.
    return _wrapped("way out ", finding.remedy, width) + [
        f"      {'run     ' if number == 0 else '        '}{line}"
        for number, line in enumerate(finding.command.splitlines())
    ]


def _wrapped(label: str, text: str, width: int) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=f"      {label}",
        subsequent_indent=" " * (6 + len(label)),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _paint(text: str, verdict: Verdict, *, colour: bool) -> str:
    return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if colour else text


def as_table(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """Return the report for reading in a terminal."""
    causes = report.root_causes
    titles = {item.step.id: f"{item.step.number} · {item.step.title}" for item in report.steps}
    lines = root_lines(causes, titles, width=width, colour=colour)
    lines += [""] if lines else []
    before: Finding | None = None
    first: dict[Finding, str] = {}
    for item in report.steps:
        if not item.findings:
            continue
        verdict = _paint(f"{SIGNS[item.verdict]} {item.verdict.value}", item.verdict, colour=colour)
        lines.append(f"{item.step.number:2} · {item.step.title} — {verdict}")
        for check, finding in item.findings:
            follows = follows_words(causes, item.step.id, check.id, report.numbers)
            above = _told_above(causes, finding)
            told = finding_lines(check, finding, width=width, colour=colour, follows=follows, above=above)
            # One cloud that does not answer is told once, not thirty times.
            again = "above" if finding == before else first.get(finding, "")
            if again and finding.verdict is not Verdict.PASSED:
                told = _same(told[0], again, width, colour=colour)
            lines += told
            before = finding
            first.setdefault(finding, f"at “{check.title}”")
    lines.append(
        f"{tally(report) or 'nothing was checked'} · {report.seconds:.1f} s, {report.requests} requests ·"
        f" {report.target.get('kind')} {report.target.get('resource_group')}"
    )
    return "\n".join(lines) + "\n"


def _same(head: str, where: str, width: int, *, colour: bool) -> list[str]:
    """Say that a check found the same as another: in its line, where there is room."""
    unseen = len(_paint("", Verdict.PASSED, colour=True)) if colour else 0
    same = f"the same as {where}"
    fits = len(head) - unseen + len(same) + 3 <= width
    return [f"{head} · {same}"] if fits else [head, f"      {same}"]
