"""The gate before a step, and what is at the root of findings: it may lie in a step before theirs."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING

from workshop_tui.events import Gate, GateState
from workshop_tui.findings import Verdict, summarise
from workshop_tui.guide_judging import asks_the_model, cleaned, judge, verdict_of
from workshop_tui.root_causes import find_roots, title_of
from workshop_tui.variables import with_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.facts.engine import Facts
    from workshop_tui.findings import Finding
    from workshop_tui.root_causes import RootCauses
    from workshop_tui.workshop import Check, Step, Workshop


async def read_gate(workshop: Workshop, facts: Facts, step: Step) -> Gate:
    """Say whether every step that this one needs has passed, and if not, what is at the root of that."""
    needed = [workshop.step(needed) for needed in step.needs]
    found = await asyncio.gather(*(_judge_all(facts, item) for item in needed))
    verdicts = [verdict_of(findings) for findings in found]
    judged = zip(needed, verdicts, strict=True)
    missing = [item for item, verdict in judged if verdict is not Verdict.PASSED]
    if not missing:
        return Gate(step.id, GateState.OPEN)
    verdict = summarise(verdicts)
    names = " and ".join(f"{item.number} · {item.title}" for item in missing)
    verb = "has" if len(missing) == 1 else "have"
    sentence = f"“{step.title}” opens when {names} {verb} passed."
    if verdict is Verdict.FAILED:
        known = {
            (item.id, check.id): finding
            for item, findings in zip(needed, found, strict=True)
            for check, finding in zip(item.checks, findings, strict=True)
        }
        sentence = f"{sentence} {in_a_sentence(workshop, await causes_behind(workshop, facts, known))}"
    elif verdict is Verdict.UNKNOWN:
        # Not the learner's fault: what keeps us from looking is what they need to hear.
        problems = chain.from_iterable(found)
        problem = next(finding for finding in problems if finding.verdict is Verdict.UNKNOWN)
        sentence = f"{sentence} That cannot be told now: {problem.observed.rstrip('.')}. {problem.remedy}"
    return Gate(step.id, GateState.SHUT, tuple(item.id for item in missing), sentence, verdict)


async def _judge_all(facts: Facts, step: Step) -> list[Finding]:
    return await asyncio.gather(*(judge(facts, check) for check in step.checks))


async def judge_in_full(facts: Facts, check: Check) -> Finding:
    """Judge a check for a person to read: where it knows no command, with the catalogue's."""
    return cleaned(await with_command(facts, await judge(facts, check)))


async def causes_behind(
    workshop: Workshop, facts: Facts, found: Mapping[tuple[str, str], Finding]
) -> RootCauses:
    """Find the roots of what was found, by step and check.

    The steps that these steps need are judged for it, by all that does not ask the model.
    """
    before = workshop.needed_for(workshop.step(step) for step in dict.fromkeys(step for step, _ in found))

    async def judged(step: Step, check: Check) -> tuple[str, str, Finding]:
        return step.id, check.id, found.get((step.id, check.id)) or await judge_in_full(facts, check)

    wanted = [
        (step, check)
        for step in before
        for check in step.checks
        if (step.id, check.id) in found or not asks_the_model(facts, check)
    ]
    return find_roots(await asyncio.gather(*(judged(step, check) for step, check in wanted)))


def in_a_sentence(workshop: Workshop, causes: RootCauses) -> str:
    """Return what the roots are, and in which steps they show."""
    titles = [f"{title_of(root.cause)} (step {workshop.step(root.step).number})" for root in causes.told]
    return f"{'Root causes' if len(titles) > 1 else 'Root cause'}: {'; '.join(titles)}."
