"""Drills on a session: a fault put into a green practice world, judged, and taken back."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from workshop_tui.drill_values import drill_values
from workshop_tui.drills import Drill, DrillError, load_drill
from workshop_tui.drills.injectors import open_injectors
from workshop_tui.drills.making import make, put_back
from workshop_tui.drills.store import DrillStore
from workshop_tui.events import ActionEnded
from workshop_tui.findings import Verdict
from workshop_tui.session import SELF_CHECK_SCOPES, take_report

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from workshop_tui.drills.injectors import Injector
    from workshop_tui.drills.store import Running
    from workshop_tui.report import Report, StepReport
    from workshop_tui.session import Session

SHOW_SECONDS = 90.0
"""How long a fault may take until the checks show it, and a world until it is green again."""
AFTERGLOW_SECONDS = 10.0
"""How long a world that was put back may show the fault still: pods that were made with it go last."""
TIMES = 2
"""How often what is red is done again when a drill ends."""
PAUSE = 0.5
"""Between two looks, in seconds: nothing tells when roles have propagated and pods have rolled."""


def running_drill(store: DrillStore) -> tuple[Running, Drill]:
    """Return the drill that runs.

    Raises:
        DrillError: none does.

    """
    running = store.running()
    if running is None:
        raise DrillError("No drill is running. Start one with: workshop-tui drill start ID")
    return running, load_drill(running.drill)


def look_over(store: DrillStore) -> None:
    """See that all that is kept of drills can be read.

    Raises:
        DrillError: it cannot, or there is no drill any more of the id that is running.

    """
    store.solved()
    if store.running() is not None:
        running_drill(store)


def give_hint(store: DrillStore) -> str:
    """Note that the running drill's next hint was given, and return it with its number.

    Raises:
        DrillError: no drill is running.

    """
    running, drill = running_drill(store)
    number = min(running.hints + 1, len(drill.hints))
    store.change(running, hints=number)
    return f"Hint {number} of {len(drill.hints)}: {drill.hints[number - 1]}"


def reveal(store: DrillStore) -> Drill:
    """Note that the running drill's answer was told, so that it does not count as solved; return the drill.

    Raises:
        DrillError: no drill is running.

    """
    running, drill = running_drill(store)
    store.change(running, revealed=True)
    return drill


async def judge(session: Session, drill: Drill) -> Report:
    """Judge what counts for a drill: the self-check, with this machine and the bonus where they matter."""
    steps = [step for step in session.workshop.steps if not step.bonus or step.id in drill.steps]
    return await take_report(session, steps, scopes=None if drill.workstation else SELF_CHECK_SCOPES)


async def start(session: Session, drill_id: str) -> AsyncGenerator[str, None]:
    """Put a drill into a green world; yields what is being done.

    Raises:
        DrillError: there is none of that id, one runs, the world is not green or no practice cloud.

    """
    drill, store = load_drill(drill_id), DrillStore(session.settings.home)
    injectors = _injectors(session)
    other = store.running()
    if other is not None:
        raise DrillError(
            f"The drill {other.drill} is running since {other.since}. End it first: workshop-tui drill stop"
        )
    yield "Looking whether everything is right before something is made wrong."
    report = await _settled(session, drill)
    if report.verdict is not Verdict.PASSED:
        bonus = " --bonus" if any(session.workshop.step(step).bonus for step in drill.steps) else ""
        red = ", ".join(item.step.id for item in _red(report))
        raise DrillError(
            f"A drill starts in a world in which all is right, and here is not: {red}."
            f" Have it done with: workshop-tui solve --practice{bonus}"
        )
    values = await read_values(session)
    with session.journal.acting(f"starting the drill {drill.id}"):
        running = store.begin(drill.id)
        yield "Making the change."
        try:
            running = await make(drill, values, injectors, store, running)
        except DrillError:
            noted = store.running()
            if noted is not None and not await put_back(noted.kept, injectors):
                store.keep(None)
            raise
    yield "Waiting until it shows." if drill.causes else "Waiting until it has come about."
    if drill.causes:
        await _seen(session, drill, store, running)
    else:
        await _settled(session, drill)


async def _seen(session: Session, drill: Drill, store: DrillStore, running: Running) -> None:
    """Wait until a check has failed: green means mended only from then on."""
    report = await _judged_until(session, drill, lambda verdict: verdict is Verdict.FAILED)
    if report.verdict is Verdict.FAILED:
        store.change(running, seen=True)


async def check(session: Session) -> tuple[Report, bool]:
    """Judge the drill that runs: the report, and whether it is solved; a solved one is noted."""
    store = DrillStore(session.settings.home)
    running, drill = running_drill(store)
    report = await judge(session, drill)
    if drill.causes and not running.seen and report.verdict is Verdict.FAILED:
        running = store.change(running, seen=True)
    solved = report.verdict is Verdict.PASSED and running.seen and bool(drill.causes)
    if solved and not running.revealed:
        store.note_solved(drill.id)
    return report, solved


async def answer_nothing(session: Session) -> bool:
    """Take the learner's answer that nothing is wrong; return whether it is right."""
    store = DrillStore(session.settings.home)
    running, drill = running_drill(store)
    if drill.harmless and not running.revealed:
        store.note_solved(drill.id)
    return drill.harmless


async def stop(session: Session) -> AsyncGenerator[str, None]:
    """Have the world as it was before the drill; what can't be put back is done anew by the steps' actions.

    Raises:
        DrillError: no drill runs, or the world did not become green.

    """
    store = DrillStore(session.settings.home)
    running, drill = running_drill(store)
    injectors = _injectors(session)
    with session.journal.acting(f"ending the drill {drill.id}"):
        yield "Putting back what was there before."
        problems = await put_back(running.kept, injectors)
    for problem in problems:
        yield f"Could not be put back as it was: {problem}"
    if not problems:
        store.keep(None)
    report = await _healed(session, drill)
    for _ in range(TIMES):
        # An image that is pushed again, say, makes the Deployment wrong that ran the one before.
        async for line in _done_again(session, report):
            yield line
        if report.verdict is not Verdict.PASSED:
            report = await _settled(session, drill)
    if report.verdict is not Verdict.PASSED:
        red = ", ".join(item.step.id for item in _red(report))
        raise DrillError(
            f"All was put back, but not all is right again: {red}. See: workshop-tui check --practice"
        )
    # Where something could not be put back, what was there is forgotten only once all is right without it.
    store.keep(None)
    yield "Everything is as it should be."


async def _done_again(session: Session, report: Report) -> AsyncGenerator[str, None]:
    for item in _red(report):
        if item.step.action is None:
            continue
        yield f"Doing “{item.step.title}” again."
        async with aclosing(session.guide.solve(item.step)) as events:
            async for event in events:
                if isinstance(event, ActionEnded) and not event.done:
                    yield f"{event.problem} {event.remedy}"


async def _settled(session: Session, drill: Drill) -> Report:
    """Judge until nothing is pending any more, or the time for that is over; the last report either way."""
    return await _judged_until(session, drill, lambda verdict: verdict is not Verdict.PENDING)


async def _healed(session: Session, drill: Drill) -> Report:
    """Judge until all is right, or something is wrong for longer than old pods explain; the last report.

    A step that were done again sooner would write over what a learner has done in a style of their own.
    """
    loop = asyncio.get_running_loop()
    over = loop.time() + AFTERGLOW_SECONDS

    def enough(verdict: Verdict) -> bool:
        return verdict is Verdict.PASSED or (verdict is not Verdict.PENDING and loop.time() >= over)

    return await _judged_until(session, drill, enough)


async def _judged_until(session: Session, drill: Drill, enough: Callable[[Verdict], bool]) -> Report:
    """Judge until the verdict is enough, or the time for that is over; return the last report."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SHOW_SECONDS
    while True:
        report = await judge(session, drill)
        if enough(report.verdict) or loop.time() >= deadline:
            return report
        await asyncio.sleep(PAUSE)


def _red(report: Report) -> list[StepReport]:
    """Return the steps in which not all passed; one of which nothing was asked has no say."""
    return [item for item in report.steps if item.findings and item.verdict is not Verdict.PASSED]


def _injectors(session: Session) -> dict[str, Injector]:
    return open_injectors(session.target, session.cloud.services(), home=session.settings.home)


async def read_values(session: Session) -> dict[str, str]:
    """Return the learner's names and ids by the names that drills use, in a pass of its own."""
    async with session.guide.open_pass() as facts:
        return await drill_values(facts, session.names, session.target.tenant_id)
