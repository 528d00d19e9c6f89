"""Changing the world for the learner: one action or reset at a time, journalled before and after."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from workshop_tui.authoring import ActionError, Applied, Change, Noted, Planned, Undo, Working
from workshop_tui.cloud.text import clean
from workshop_tui.events import ActionEnded, ActionProgressed, Event, Undone
from workshop_tui.guide_judging import finding_for
from workshop_tui.journal import BusyError, JournalError
from workshop_tui.model import Absent
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from workshop_tui.authoring import Progress
    from workshop_tui.facts.engine import Facts
    from workshop_tui.journal import Journal
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)

TEXT_LIMIT = 20_000
"""Characters of an action's words and commands that are kept: whole manifests are among them."""


async def act(
    step: Step, open_pass: Callable[[], AbstractAsyncContextManager[Facts]], journal: Journal
) -> AsyncGenerator[Event, None]:
    """Run the step's action; `ActionEnded` is always the last event, unless the stream is left."""
    if step.action is None:
        yield ActionEnded(step.id)
        return
    try:
        with journal.acting(f"solving {step.id}"):
            journal.write("action-started", step.id)
            async with open_pass() as facts, aclosing(_run(step, facts, journal)) as events:
                async for event in events:
                    yield event
    except (BusyError, JournalError) as error:
        yield ActionEnded(step.id, str(error))
    except (asyncio.CancelledError, GeneratorExit):
        journal.write("action-stopped", step.id)
        raise


async def _run(step: Step, facts: Facts, journal: Journal) -> AsyncGenerator[Event, None]:
    assert step.action is not None  # noqa: S101 - its caller has looked
    arguments = await facts.arguments(step.action)
    ended = ActionEnded(step.id)
    if not isinstance(arguments, dict):
        finding = finding_for(arguments)
        ended = ActionEnded(step.id, finding.observed, finding.remedy)
    else:
        try:
            async with aclosing(step.action(**arguments)) as progress:
                async for told in progress:
                    item = cleaned(told)
                    _keep(step, item, journal)
                    yield ActionProgressed(step.id, item)
        except JournalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an action raises is told, and logged
            ended = ActionEnded(step.id, *explain(error))
    ended = replace(ended, problem=_clean(ended.problem), remedy=_clean(ended.remedy))
    journal.write("action-done" if ended.done else "action-failed", step.id, problem=ended.problem)
    yield ended


def cleaned(progress: Progress) -> Progress:
    """Return it fit to be shown: files, logs and answers of others are in what an action tells."""
    match progress:
        case Planned(change=change):
            return Planned(cleaned_change(change))
        case Applied(change=change):
            return replace(progress, change=cleaned_change(change))
        case Working(text=text, item=item):
            return replace(progress, text=clean(text), item=clean(item))
        case _:
            return progress


def cleaned_change(change: Change) -> Change:
    """Return a change fit to be shown."""
    return Change(_clean(change.what), _clean(change.command), tuple(map(_clean, change.difference)))


def _clean(text: str) -> str:
    return clean(text, limit=TEXT_LIMIT, lines=True)


def _keep(step: Step, progress: Progress, journal: Journal) -> None:
    match progress:
        case Noted(evidence=evidence):
            journal.keep(step.id, evidence)
        case Planned(change=change):
            journal.write("change-planned", step.id, what=change.what)
        case Applied(change=change, already=already):
            journal.write("change-found" if already else "change-made", step.id, what=change.what)
        case _:
            pass


async def reset(
    steps: Sequence[Step],
    open_pass: Callable[[], AbstractAsyncContextManager[Facts]],
    journal: Journal,
    *,
    dry_run: bool,
) -> AsyncGenerator[Event, None]:
    """Undo the steps, last first. What cannot be undone does not keep the rest from it."""
    for step in sorted(steps, key=lambda item: item.number, reverse=True):
        if step.reset is None:
            continue
        if dry_run:
            async with open_pass() as facts:
                for undo in await _undos(step, facts):
                    yield undo if isinstance(undo, Undone) else Undone(step.id, undo)
            continue
        try:
            with journal.acting(f"resetting {step.id}"):
                async with open_pass() as facts:
                    for undo in await _undos(step, facts):
                        yield undo if isinstance(undo, Undone) else await _undo(step, undo, journal)
        except (BusyError, JournalError) as error:
            yield _trouble(step, str(error))
            return


async def _undos(step: Step, facts: Facts) -> Sequence[Undo | Undone]:
    """Return what the step's reset would undo now, or the one trouble that keeps us from knowing."""
    assert step.reset is not None  # noqa: S101 - its caller has looked
    arguments = await facts.arguments(step.reset)
    if isinstance(arguments, Absent):
        return ()
    if not isinstance(arguments, dict):
        finding = finding_for(arguments)
        return (_trouble(step, _sentences(finding.observed, finding.remedy)),)
    try:
        return tuple(replace(undo, change=cleaned_change(undo.change)) for undo in step.reset(**arguments))
    except Exception as error:  # noqa: BLE001 - told as this step's trouble, and logged
        return (_trouble(step, _sentences(*explain(error))),)


async def _undo(step: Step, undo: Undo, journal: Journal) -> Undone:
    journal.write("undo-started", step.id, what=undo.change.what)
    problem = ""
    try:
        await undo.do()
    except Exception as error:  # noqa: BLE001 - told as this thing's trouble, and logged
        problem = _sentences(*explain(error))
    journal.write("undo-failed" if problem else "undone", step.id, what=undo.change.what, problem=problem)
    return Undone(step.id, undo, problem)


def _trouble(step: Step, problem: str) -> Undone:
    async def nothing() -> None:
        return

    return Undone(step.id, Undo(Change(f"Find what “{step.title}” made"), nothing), problem)


def _sentences(*parts: str) -> str:
    """Join what happened and what to do, as sentences."""
    return " ".join(part if part[-1] in ".!?" else f"{part}." for part in parts if part)


def explain(error: Exception) -> tuple[str, str]:
    """Return what went wrong, and what to do about it."""
    match error:
        case ActionError():
            return error.what, error.remedy
        case ReadFailure():
            finding = finding_for(error.unreadable)
            return finding.observed, finding.remedy
        case TimeoutError():
            _log.error("an action took too long", exc_info=error)
            return "Something did not answer in time.", "Try again; nothing is doubled."
        case _:
            _log.error("an action failed", exc_info=error)
            return f"{type(error).__name__}: the log file has the details.", "Try again; nothing is doubled."
