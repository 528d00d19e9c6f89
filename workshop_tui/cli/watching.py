"""Looking again and again: one report for each change, until all has passed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from workshop_tui.findings import Verdict
from workshop_tui.session import take_report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence

    from workshop_tui.findings import Scope
    from workshop_tui.report import Report
    from workshop_tui.session import Session
    from workshop_tui.workshop import Step

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Between two looks, in seconds; doubles while nothing changes."""


async def watch_reports(
    session: Session, steps: Sequence[Step], scopes: Collection[Scope] | None
) -> AsyncIterator[Report]:
    """Yield a report now, and one after each change in what was found; the last is one that has passed."""
    shown: object = None
    pause = FIRST_PAUSE
    while True:
        report = await take_report(session, steps, scopes=scopes)
        found = [
            (step.step.id, check.id, finding) for step in report.steps for check, finding in step.findings
        ]
        if found != shown:
            shown, pause = found, FIRST_PAUSE
            yield report
        if report.verdict is Verdict.PASSED:
            return
        # What is looked at sends no events of its own: asking again, ever more slowly, is all one can do.
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
