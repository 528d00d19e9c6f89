"""Texts to read over the desk: explanations, help, what an action changed."""

from __future__ import annotations

import re
from difflib import unified_diff
from typing import TYPE_CHECKING

from rich.text import Text

from workshop_tui.causes import CATALOGUE
from workshop_tui.report import SIGNS
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.widgets.difference_text import difference_text
from workshop_tui.tui.widgets.finding_text import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workshop_tui.doctor import Diagnosis
    from workshop_tui.events import Plan
    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Check, Step


def explain_finding(
    check: Check, finding: Finding, behind: Sequence[tuple[Step, Check, Finding]] = ()
) -> Details:
    """Return what is behind a finding: why it matters, where it comes from, and the way out.

    `behind` are the roots that it follows from, each with where it shows: they come first, and it last.
    """
    text = Text()
    if not behind:
        _explain(text, check, finding)
        return Details("Explain", text, copy=finding.command)
    for step, shows, root in behind:
        text.append(f"Root cause, in step {step.number} · {step.title}\n", style="dim")
        _explain(text, shows, root)
        text.append("\n\n")
    text.append("From that follows\n", style="dim")
    text.append(f"{SIGNS[finding.verdict]} {check.title}\n{finding.observed}", style="dim")
    return Details("Explain", text, copy=next((root.command for *_, root in behind if root.command), ""))


def _explain(text: Text, check: Check, finding: Finding) -> None:
    cause = CATALOGUE.get(finding.cause or "")
    text.append(f"{SIGNS[finding.verdict]} {check.title}\n", style=STYLES[finding.verdict])
    text.append(f"{finding.observed}\n")
    if cause is not None:
        text.append(f"\n{cause.title}\n", style="bold").append(f"{cause.why}\n")
    if finding.remedy:
        text.append("\nThe way out\n", style="bold").append(f"{finding.remedy}\n")
    if finding.command:
        text.append(f"\n{finding.command}\n", style="cyan")
    if cause is not None and cause.link:
        text.append(f"\n{cause.link}\n", style="underline")
    if cause is not None:
        text.append(f"\n{cause.code}", style="dim")


def explain_step(step: Step) -> Details:
    """Return why a step is there, and where to read on."""
    text = Text()
    text.append(f"{step.summary}\n\n", style="bold").append(f"{step.why}\n")
    if step.further:
        text.append("\nTo read on\n", style="bold")
    for link in step.further:
        text.append(f"  {link.title}\n").append(f"  {link.url}\n", style="underline")
    text.rstrip()
    return Details(f"{step.number} · {step.title}", text)


def doctor_text(found: Iterable[Diagnosis]) -> Details:
    """Return what the doctor found: what is lacking first, each with its remedy."""
    from workshop_tui.doctor import State  # noqa: PLC0415 - loaded by now, and no part of the first paint

    signs = {State.LACKING: ("✘", "bold red"), State.UNKNOWN: ("?", "magenta"), State.OK: ("✔", "green")}
    order = list(signs)
    text = Text()
    for each in sorted(found, key=lambda item: (order.index(item.state), item.title)):
        sign, style = signs[each.state]
        text.append(f"{sign} {each.title}: ", style=style).append(f"{each.observed}\n")
        if each.state is not State.OK and each.remedy:
            text.append(f"    {each.remedy}\n", style="italic")
        if each.state is not State.OK and each.command:
            text.append(f"    {each.command}\n", style="cyan")
    text.rstrip()
    return Details("Doctor", text)


def difference(step: Step, plan: Plan, after: Mapping[str, str]) -> Details:
    """Return what an action did to files, and what differs in the step's facts since it was planned."""
    before = plan.world
    text = Text()
    for change in (each.change for each in plan.changes if each.change.difference):
        text.append(f"{change.what}\n", style="bold")
        text.append_text(difference_text(change.difference)).append("\n")
    for name in sorted({*before, *after}):
        old, new = before.get(name, "").splitlines(), after.get(name, "").splitlines()
        lines = list(unified_diff(old, new, lineterm="", n=1))[2:]
        if lines:
            text.append(f"{_in_words(name)}\n", style="bold").append_text(difference_text(lines))
    if not text:
        text.append("Nothing differs: it was so before, or it has been undone since.")
    return Details(f"What changed: {step.title}", text)


def _in_words(name: str) -> str:
    """Return the name of a kind of fact as words: `ServiceAccount` is “Service account”."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
