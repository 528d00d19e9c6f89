"""Judging the checks of several steps in one pass: each finding is told, and journalled, as it lands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from workshop_tui.events import CheckStarted, Event, Found, StepJudged
from workshop_tui.findings import Verdict
from workshop_tui.guide_gate import judge_in_full
from workshop_tui.guide_judging import asks_the_model, verdict_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence

    from workshop_tui.facts.engine import Facts
    from workshop_tui.findings import Finding, Scope
    from workshop_tui.journal import Journal
    from workshop_tui.workshop import Check, Step


async def check_steps(
    steps: Sequence[Step],
    facts: Facts,
    journal: Journal,
    *,
    scopes: Collection[Scope] | None = None,
    without_asking: Collection[Step] = (),
) -> AsyncGenerator[Event, None]:
    """Judge the checks of these scopes, all at once; a step is judged when the last of its checks has been.

    Of the steps in `without_asking` no check that would ask the model is judged. A stream that is left stops
    what is still being read.
    """
    tasks: dict[asyncio.Task[Finding], tuple[Step, Check]] = {}
    wanted: dict[str, int] = {}
    findings: dict[str, list[Finding]] = {step.id: [] for step in steps}
    try:
        for step in steps:
            checks = _wanted_checks(step, facts, scopes, may_ask=step not in without_asking)
            wanted[step.id] = len(checks)
            for check in checks:
                tasks[asyncio.create_task(judge_in_full(facts, check))] = (step, check)
                yield CheckStarted(step.id, check)
        waiting = set(tasks)
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in tasks if task in done]:
                step, check = tasks[task]
                finding = task.result()
                journal.write_finding(step.id, check.id, finding)
                yield Found(step.id, check, finding)
                found = findings[step.id]
                found.append(finding)
                if len(found) == wanted[step.id]:
                    yield _judged(step, found, journal)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _wanted_checks(
    step: Step, facts: Facts, scopes: Collection[Scope] | None, *, may_ask: bool
) -> list[Check]:
    return [
        check
        for check in step.checks
        if (scopes is None or check.scope in scopes) and (may_ask or not asks_the_model(facts, check))
    ]


def _judged(step: Step, findings: Sequence[Finding], journal: Journal) -> StepJudged:
    """Return the step's verdict; the journal notes a pass only where none of its checks was left out."""
    verdict = verdict_of(findings)
    if verdict is Verdict.PASSED and len(findings) == len(step.checks):
        journal.note_passed(step.id)
    return StepJudged(step.id, verdict)
