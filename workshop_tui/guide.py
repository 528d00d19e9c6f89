"""The guide: judges steps from facts, runs their actions and resets, and holds the gate."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import ActionError, Noted, Undo
from workshop_tui.events import (
    ActionEnded,
    ActionProgressed,
    CheckStarted,
    Door,
    DoorState,
    Event,
    Found,
    StepJudged,
    Undone,
)
from workshop_tui.facts.engine import Facts, ReadFailure
from workshop_tui.findings import Finding, Verdict, failed, summarise, unknown
from workshop_tui.journal import BusyError
from workshop_tui.model import Absent, Evidence, FederatedCredentials, LocalRun, Now, Sightings, Unreadable
from workshop_tui.variables import known_variables

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence

    from workshop_tui.findings import Scope
    from workshop_tui.journal import Journal
    from workshop_tui.workshop import Check, Step, Workshop

_log = logging.getLogger(__name__)

PENDING_SECONDS = 8 * 60.0
"""How long `solve` waits at most for what is pending: Azure's five minutes of propagation, with room."""

PASS_SERVICES = (Now, Sightings)
"""What the guide itself gives to each pass, beside the clients."""


class Guide:
    """One workshop on one target. See `events.GuideProtocol` for its contract."""

    def __init__(
        self, workshop: Workshop, services: Callable[[], Mapping[type, object]], journal: Journal
    ) -> None:
        """Take the workshop, what gives the clients for a pass, and the journal."""
        self.workshop = workshop
        self._services = services
        self._journal = journal

    @asynccontextmanager
    async def pass_over_the_world(self) -> AsyncIterator[Facts]:
        """Open one pass: facts of this moment, each read at most once."""
        moment = datetime.now(UTC)
        services = {
            **self._services(),
            Now: Now(moment),
            Sightings: self._journal.sightings(),
        }
        async with Facts(services) as facts:
            yield facts

    async def check(
        self, steps: Sequence[Step], *, scopes: Collection[Scope] | None = None
    ) -> AsyncGenerator[Event, None]:
        """Judge the steps in one pass; findings come as they land."""
        async with self.pass_over_the_world() as facts:
            async with aclosing(self._judge(facts, steps, scopes)) as events:
                async for event in events:
                    yield event
            await self._remember(facts, steps)

    async def _judge(
        self, facts: Facts, steps: Sequence[Step], scopes: Collection[Scope] | None
    ) -> AsyncGenerator[Event, None]:
        verdicts: dict[str, list[Verdict]] = {step.id: [] for step in steps}
        tasks: dict[asyncio.Task[Finding], tuple[Step, Check]] = {}
        wanted: dict[str, int] = {}
        for step in steps:
            checks = [check for check in step.checks if scopes is None or check.scope in scopes]
            wanted[step.id] = len(checks)
            for check in checks:
                yield CheckStarted(step.id, check)
                tasks[asyncio.create_task(judge(facts, check))] = (step, check)
        try:
            remaining = set(tasks)
            while remaining:
                done, remaining = await asyncio.wait(remaining, return_when=asyncio.FIRST_COMPLETED)
                for task in sorted(done, key=list(tasks).index):
                    step, check = tasks[task]
                    finding = task.result()
                    self._journal.write_finding(step.id, check.id, finding)
                    yield Found(step.id, check, finding)
                    verdicts[step.id].append(finding.verdict)
                    if len(verdicts[step.id]) == wanted[step.id]:
                        yield StepJudged(step.id, summarise(verdicts[step.id]))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _remember(self, facts: Facts, steps: Sequence[Step]) -> None:
        """Keep what the world will not tell again: first sightings, and a local run seen live."""
        credentials = facts.already_read(FederatedCredentials)
        if isinstance(credentials, FederatedCredentials):
            self._journal.sight((item.sighting for item in credentials.items), datetime.now(UTC))
        run = facts.already_read(LocalRun)
        if isinstance(run, LocalRun) and run.live and run.healthy and run.description:
            step = next((step for step in steps if step.id == "run-locally"), None)
            self._journal.keep(step.id if step else "", evidence_of(run))

    async def verdict(self, facts: Facts, step: Step) -> Verdict:
        """Judge one step quietly within a pass."""
        findings = await asyncio.gather(*(judge(facts, check) for check in step.checks))
        return summarise(finding.verdict for finding in findings)

    async def door(self, step: Step) -> Door:
        """Say whether every step that this one needs has passed, on facts read now."""
        needed = [self.workshop.step(needed) for needed in step.needs]
        async with self.pass_over_the_world() as facts:
            verdicts = await asyncio.gather(*(self.verdict(facts, item) for item in needed))
        missing = [
            item for item, verdict in zip(needed, verdicts, strict=True) if verdict is not Verdict.PASSED
        ]
        if not missing:
            return Door(step.id, DoorState.OPEN)
        names = " and ".join(f"{item.number} · {item.title}" for item in missing)
        verb = "has" if len(missing) == 1 else "have"
        sentence = f"“{step.title}” opens when {names} {verb} passed."
        return Door(step.id, DoorState.SHUT, tuple(item.id for item in missing), sentence)

    def skip_gate(self, step: Step) -> None:
        """Note that somebody opened this step past its gate."""
        self._journal.write("gate-skipped", step.id)

    async def solve(self, step: Step) -> AsyncGenerator[Event, None]:
        """Do the step's action, then check it; what is pending is waited for."""
        ended: ActionEnded | None = None
        async with aclosing(self.act(step)) as events:
            async for event in events:
                if isinstance(event, ActionEnded):
                    ended = event
                yield event
        if ended is None or not ended.done:
            return
        async with aclosing(self._check_until_settled(step)) as events:
            async for event in events:
                yield event

    async def _check_until_settled(self, step: Step) -> AsyncGenerator[Event, None]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PENDING_SECONDS
        pause = 0.5
        while True:
            verdict = Verdict.UNKNOWN
            async with aclosing(self.check([step])) as events:
                async for event in events:
                    if isinstance(event, StepJudged):
                        verdict = event.verdict
                    yield event
            if verdict is not Verdict.PENDING or loop.time() > deadline:
                return
            # Nothing tells us when Azure has propagated: asking again, ever more slowly, is all one can do.
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 10.0)

    async def act(self, step: Step) -> AsyncGenerator[Event, None]:
        """Run the step's action; `ActionEnded` is always the last event, unless it is cancelled."""
        if step.action is None:
            yield ActionEnded(step.id)
            return
        try:
            with self._journal.acting(f"doing {step.id}"):
                self._journal.write("action-started", step.id)
                async with self.pass_over_the_world() as facts, aclosing(self._run(facts, step)) as events:
                    async for event in events:
                        if isinstance(event, ActionEnded):
                            kind = "action-done" if event.done else "action-failed"
                            self._journal.write(kind, step.id, problem=event.problem)
                        yield event
        except BusyError as error:
            yield ActionEnded(step.id, str(error))
        except (asyncio.CancelledError, GeneratorExit):
            self._journal.write("action-stopped", step.id)
            raise

    async def _run(self, facts: Facts, step: Step) -> AsyncGenerator[Event, None]:
        assert step.action is not None  # noqa: S101 - its caller has looked
        arguments = await facts.arguments(step.action)
        if not isinstance(arguments, dict):
            finding = finding_for(arguments)
            yield ActionEnded(step.id, finding.observed, finding.remedy)
            return
        try:
            async with aclosing(step.action(**arguments)) as progress:
                async for item in progress:
                    if isinstance(item, Noted):
                        self._journal.keep(step.id, item.evidence)
                    yield ActionProgressed(step.id, item)
        except Exception as error:  # noqa: BLE001 - whatever an action raises is told, and logged
            yield ActionEnded(step.id, *_explain(error))
        else:
            yield ActionEnded(step.id)

    async def reset(self, steps: Sequence[Step], *, dry_run: bool = False) -> AsyncGenerator[Event, None]:
        """Undo the steps, last first. One that cannot be undone does not keep the others from it."""
        for step in sorted(steps, key=lambda item: item.number, reverse=True):
            if step.reset is None:
                continue
            async with self.pass_over_the_world() as facts:
                arguments = await facts.arguments(step.reset)
                if isinstance(arguments, Absent):
                    continue
                if isinstance(arguments, Unreadable):
                    yield Undone(step.id, _nothing(step), finding_for(arguments).observed)
                    continue
                for undo in step.reset(**arguments):
                    problem = "" if dry_run else await self._undo(step, undo)
                    yield Undone(step.id, undo, problem)

    async def _undo(self, step: Step, undo: Undo) -> str:
        try:
            with self._journal.acting(f"resetting {step.id}"):
                await undo.do()
        except BusyError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - told as this thing's problem, and logged
            what, remedy = _explain(error)
            self._journal.write("reset-failed", step.id, what=undo.change.what, problem=what)
            return f"{what} {remedy}".strip()
        self._journal.write("reset", step.id, what=undo.change.what)
        return ""

    async def variables(self) -> Mapping[str, str]:
        """Return the values that pages and shells may use, as far as they are known now."""
        async with self.pass_over_the_world() as facts:
            return await known_variables(facts)


async def judge(facts: Facts, check: Check) -> Finding:
    """Read what the check needs and let it judge; its own fault is `unknown`, never a pass."""
    arguments = await facts.arguments(check.judge)
    if not isinstance(arguments, dict):
        return finding_for(arguments)
    try:
        return check.judge(**arguments)
    except Exception:  # noqa: BLE001 - a check's own fault must never look like a verdict
        _log.exception("the check %s failed to judge", check.id)
        return unknown("reading.unexpected", "This check itself is at fault; the log file has the details.")


def finding_for(reading: Absent | Unreadable) -> Finding:
    """Return what a check finds where a thing it cannot do without is not there or not readable."""
    if isinstance(reading, Absent):
        observed = f"There is no {reading.what}." if not reading.detail else reading.detail
        return failed(reading.cause, observed, expected=reading.what, command=reading.command)
    return unknown(reading.cause, f"{reading.what}: {reading.reason}", remedy=reading.remedy)


def evidence_of(run: LocalRun) -> Evidence:
    """Return a local run as evidence for the journal."""
    data: dict[str, Any] = {
        "healthy": "yes" if run.healthy else "no",
        "description": run.description,
        "key_in_environment": {True: "yes", False: "no", None: ""}[run.key_in_environment],
        "account_saw": run.account_saw,
    }
    return Evidence("local-run", run.fingerprint, run.at, data)


def _nothing(step: Step) -> Undo:
    from workshop_tui.authoring import Change  # noqa: PLC0415 - only on the way to a problem

    async def nothing() -> None:
        return

    return Undo(Change(f"Reset of {step.title}"), nothing)


def _explain(error: Exception) -> tuple[str, str]:
    match error:
        case ActionError():
            return error.what, error.remedy
        case ReadFailure():
            finding = finding_for(error.unreadable)
            return finding.observed, finding.remedy
        case _:
            _log.error("an action failed", exc_info=error)
            return f"{type(error).__name__}: the log file has the details.", "Try again; nothing is doubled."
