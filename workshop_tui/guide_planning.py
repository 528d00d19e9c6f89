"""What an action would do, found by running it as a dry run."""

from __future__ import annotations

import inspect
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from workshop_tui.authoring import Applied, Planned
from workshop_tui.events import Plan, PlannedChange
from workshop_tui.guide_acting import cleaned, cleaned_change, explain
from workshop_tui.guide_judging import finding_for
from workshop_tui.snapshot import take_snapshot

if TYPE_CHECKING:
    from workshop_tui.authoring import Undo
    from workshop_tui.facts.engine import Facts
    from workshop_tui.workshop import Step


async def plan(step: Step, facts: Facts) -> Plan:
    """Return what the step's action would do on these facts, whose services must be those of a dry run."""
    nothing = Plan(
        step.id,
        (),
        undo=await _undo(step, facts),
        reset=_first_sentence(step.reset),
        world=await take_snapshot(step, facts),
    )
    if step.action is None:
        return nothing
    arguments = await facts.arguments(step.action)
    if not isinstance(arguments, dict):
        finding = finding_for(arguments)
        return replace(nothing, problem=finding.observed, remedy=finding.remedy)
    changes: list[PlannedChange] = []
    try:
        async with aclosing(step.action(**arguments)) as progress:
            async for item in progress:
                match cleaned(item):
                    case Planned(change=change):
                        changes.append(PlannedChange(change))
                    case Applied(change=change, already=already) if all(
                        change != known.change for known in changes
                    ):
                        changes.append(PlannedChange(change, already=already))
                    case _:
                        pass
    except Exception as error:  # noqa: BLE001 - whatever an action raises is told, and logged
        problem, remedy = explain(error)
        return replace(nothing, changes=tuple(changes), problem=problem, remedy=remedy)
    return replace(nothing, changes=tuple(changes))


async def _undo(step: Step, facts: Facts) -> tuple[Undo, ...]:
    """Return what the step's reset would undo as things are; nothing where that cannot be told."""
    if step.reset is None:
        return ()
    arguments = await facts.arguments(step.reset)
    if not isinstance(arguments, dict):
        return ()
    try:
        return tuple(replace(undo, change=cleaned_change(undo.change)) for undo in step.reset(**arguments))
    except Exception as error:  # noqa: BLE001 - logged by `explain`; a plan without its inverse is still one
        explain(error)
        return ()


def _first_sentence(function: object) -> str:
    """Return the first line of a function's docstring: what its author says that it does."""
    return (inspect.getdoc(function) or "").partition("\n")[0]
