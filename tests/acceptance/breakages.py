"""What a breakage is, and looking whether the checks tell the truth about it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workshop_tui.events import ActionEnded
from workshop_tui.findings import Verdict
from workshop_tui.session import open_session, take_report
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from breaking_hands import Hands

    from workshop_tui.findings import Finding
    from workshop_tui.report import Report
    from workshop_tui.session import Session

PATIENCE = 30.0
"""Seconds until something that comes by itself must have come."""


@dataclass(frozen=True)
class Breakage:
    """One thing that is made wrong, and what the checks must say of it.

    Attributes:
        name: what it is, in words.
        red: the checks that must be red, each with its cause, and no others of their steps.
        how: breaks it when entered and mends it when left.
        root: the root causes that a check of the whole workshop must name; if empty, the first red check's.
        says: what the first red check must show, in `observed` or in `remedy`.
        may: checks that may be red besides, since it is a matter of time or of no interest here.
        solve: steps that are done anew while it is broken, and must mend it by themselves.
        settings: the learner's settings that are wrong; the world is as it was.
        anew: whether it is looked at in a new session: what it remembers from before would hide the fault.
        waits: whether what must be red comes only after a while.
        pending: checks that must wait, each with its cause, and say until when.

    """

    name: str
    red: Mapping[str, str]
    how: Callable[[Hands], AbstractContextManager[None]]
    root: tuple[str, ...] = ()
    says: str = ""
    may: frozenset[str] = frozenset()
    solve: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    anew: bool = False
    waits: bool = False
    pending: Mapping[str, str] = field(default_factory=dict)

    @property
    def roots(self) -> tuple[str, ...]:
        """The root causes that must be named, in order."""
        return self.root or (next(iter({**self.red, **self.pending}.values())),)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that are looked at."""
        return tuple(dict.fromkeys(check.partition("/")[0] for check in (*self.red, *self.pending)))


@dataclass(frozen=True)
class Harmless:
    """Another right way: everything in these steps must stay green."""

    name: str
    steps: tuple[str, ...]
    how: Callable[[Hands], AbstractContextManager[None]]
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """The practice world with the learner's session in it."""

    environment: Mapping[str, str]
    session: Session
    hands: Hands
    rows: list[str] = field(default_factory=list)
    """What was seen, as rows of a Markdown table."""

    def note(self, case: Breakage | Harmless, findings: Mapping[str, Finding]) -> None:
        """Keep what was seen of a case."""
        if isinstance(case, Harmless):
            self.rows.append(f"| {case.name} | {', '.join(case.steps)} | passed | | | nothing to mend |")
            return
        mended = ", ".join(case.solve)
        roots = ", ".join(case.roots)
        for check in (*case.red, *case.pending):
            item = findings[check]
            how = f"doing {mended} again" if mended else "putting it back"
            self.rows.append(
                f"| {case.name} | {check} | {item.verdict.value} | {item.cause} | {roots} | {how} |"
            )

    async def look(
        self, steps: Sequence[str], settings: Mapping[str, str], *, anew: bool = False
    ) -> dict[str, Finding]:
        """Judge the steps in a fresh pass, with settings as a person may have them."""
        report = await self.report(steps, settings, anew=anew)
        return {
            f"{item.step.id}/{check.id}": found for item in report.steps for check, found in item.findings
        }

    async def report(
        self, steps: Sequence[str], settings: Mapping[str, str], *, anew: bool = False
    ) -> Report:
        """Judge the steps, all where none is named, in a fresh pass."""
        if settings or anew:
            changed = load_settings({**self.environment, **self.hands.filled(settings)})
            async with open_session(changed, read_only=True) as session:
                return await _report(session, steps)
        return await _report(self.session, steps)

    async def shows(self, breakage: Breakage) -> dict[str, Finding]:
        """Return the findings once they are as they must be.

        Raises:
            AssertionError: they are not, or did not become so.

        """
        return await self.is_so(breakage, whole=True)

    async def is_so(self, breakage: Breakage, *, whole: bool = False) -> dict[str, Finding]:
        """Return the findings once they are as they must be; the roots, too, if the whole is looked at.

        Raises:
            AssertionError: they are not, or did not become so.

        """
        deadline = time.monotonic() + PATIENCE
        while True:
            findings = await self.look(breakage.steps, breakage.settings, anew=breakage.anew)
            fault = _fault(breakage, findings)
            if whole and not fault:
                report = await self.report((), breakage.settings, anew=breakage.anew)
                fault = _root_fault(breakage, report)
            waits = breakage.waits or any(
                findings[check].verdict is Verdict.PENDING for check in breakage.red if check in findings
            )
            if not fault:
                return findings
            assert waits, fault
            assert time.monotonic() < deadline, fault
            await asyncio.sleep(0.1)

    async def is_green(self, steps: Sequence[str], settings: Mapping[str, str] | None = None) -> None:
        """Wait until all checks of the steps pass; red ones are given time as well, to become green.

        Raises:
            AssertionError: they did not.

        """
        deadline = time.monotonic() + PATIENCE
        while True:
            findings = await self.look(steps, settings or {})
            left = {check: told(item) for check, item in findings.items() if item.cause is not None}
            if findings and not left:
                return
            assert time.monotonic() < deadline, left
            await asyncio.sleep(0.1)

    async def solve(self, *steps: str) -> None:
        """Do steps for the learner.

        Raises:
            AssertionError: an action stopped.

        """
        for step in self.session.workshop.steps:
            if step.id not in steps:
                continue
            async for event in self.session.guide.solve(step):
                if isinstance(event, ActionEnded):
                    assert event.done, event


async def _report(session: Session, steps: Sequence[str]) -> Report:
    wanted = [step for step in session.workshop.steps if not steps or step.id in steps]
    return await take_report(session, wanted)


def _fault(breakage: Breakage, findings: Mapping[str, Finding]) -> str:
    """Say what the checks got wrong; nothing where they tell the truth."""
    red = {
        check: item.cause
        for check, item in findings.items()
        if item.verdict in (Verdict.FAILED, Verdict.UNKNOWN)
    }
    shown = "\n".join(f"  {check}: {told(item)}" for check, item in findings.items() if item.cause)
    missed = [check for check, cause in breakage.red.items() if red.get(check) != cause]
    waiting = {
        check: item.cause
        for check, item in findings.items()
        if item.verdict is Verdict.PENDING and item.until is not None
    }
    missed += [check for check, cause in breakage.pending.items() if waiting.get(check) != cause]
    if missed:
        return f"not as it must be: {', '.join(missed)}; there is\n{shown or '  nothing red'}"
    false = sorted(set(red) - set(breakage.red) - breakage.may)
    if false:
        return f"red without need: {', '.join(false)}; there is\n{shown}"
    told_of = {**breakage.red, **breakage.pending}
    first = findings[next(iter(told_of))]
    if breakage.says not in f"{first.observed} {first.remedy}":
        return f"does not say “{breakage.says}”: {told(first)}"
    empty = [check for check in told_of if not findings[check].observed or not findings[check].remedy]
    return f"says nothing of use: {', '.join(empty)}" if empty else ""


def _root_fault(breakage: Breakage, report: Report) -> str:
    """Say what a check of the whole workshop got wrong about the root causes; nothing where it is right."""
    if report.roots == breakage.roots:
        return ""
    shown = "\n".join(
        f"  {item.step.id}/{check.id}: {told(found)}"
        for item in report.steps
        for check, found in item.findings
        if found.cause
    )
    return f"the roots are {report.roots}, not {breakage.roots}; there is\n{shown}"


def told(finding: Finding) -> str:
    """Return a finding in one line."""
    return (
        f"{finding.verdict.value} {finding.cause}: {finding.observed} → {finding.expected} | {finding.remedy}"
    )
