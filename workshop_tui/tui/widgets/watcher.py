"""Looks at the world while the learner works: often at the open step, now and then at what has passed.

It shows nothing itself. Gentle by design: one pass at a time, ever more rarely while nothing changes, and
none while nobody is at the terminal.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from textual import work
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from workshop_tui.events import Found, Outlook, StepJudged
from workshop_tui.findings import Scope, Verdict
from workshop_tui.tui.messages import Drifted, Happened, LookEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from workshop_tui.events import GuideProtocol
    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 4.0
"""How long after a pass the open step is looked at again; doubles while nothing changes."""
LAST_LOOK_SECONDS = 30.0
"""The longest pause, and the first one once the step has passed."""
LAST_LOOK_PASSED_SECONDS = 120.0
"""The longest pause once the step has passed: little is to come, and live requests cost the learner."""
DRIFT_SECONDS = 120.0
"""How often the steps that have passed are looked at again."""
_DRIFT_SCOPES = (Scope.AZURE, Scope.CLUSTER)
"""What is looked at for drift: no live request, which costs the learner's account, and no probing of code."""


class Presence(Protocol):
    """Who knows whether somebody is there."""

    async def somebody_is_there(self) -> None:
        """Return at once while somebody is at the terminal, else as soon as somebody comes back to it."""


class Watcher(Widget):
    """The desk's eyes."""

    DEFAULT_CSS = "Watcher { display: none; }"

    def __init__(
        self,
        guide: GuideProtocol,
        presence: Presence,
        passed: Callable[[], list[Step]],
        behind: Callable[[Step], list[Step]] = lambda _: [],
    ) -> None:
        """Take whom to ask and who knows of the learner.

        `passed` says which steps have passed, and `behind` which others show what a step's findings follow
        from: they are looked at with it.
        """
        super().__init__()
        self._guide = guide
        self._presence = presence
        self._passed = passed
        self._behind = behind
        self._step: Step | None = None
        self._pause = FIRST_LOOK_SECONDS
        self._seen: dict[tuple[str, str], Finding] = {}
        self._opened: dict[str, float] = {}

    def on_mount(self) -> None:
        """Begin to watch for drift."""
        self.watch_for_drift()

    def open(self, step: Step) -> None:
        """Look at this step from now on."""
        self._step = step
        self._opened[step.id] = time.monotonic()
        self._pause = FIRST_LOOK_SECONDS
        self._seen = {}
        self.look()

    def rest(self) -> None:
        """Stop looking at the open step: an action is about to change it."""
        self.workers.cancel_group(self, "look")

    @work(exclusive=True, group="survey", exit_on_error=False)
    async def survey(self) -> None:
        """Look once at every step that is not open, so that what was done before is seen."""
        await self._survey(tuple(Scope))

    @work(exclusive=True, group="survey", exit_on_error=False)
    async def catch_up(self) -> None:
        """See what somebody did to the steps that are not open, by what costs nothing to look at."""
        await self._survey(_DRIFT_SCOPES)

    async def _survey(self, scopes: Collection[Scope]) -> None:
        steps, began = self._guide.workshop.by_id, time.monotonic()
        async with aclosing(self._guide.survey(without=self._step, scopes=scopes)) as events:
            async for event in events:
                if isinstance(event, Found | StepJudged) and self._is_outdated(event.step, began):
                    continue
                # What some of a step's checks say is the whole truth only where one of them failed.
                if isinstance(event, Found | Outlook) or (
                    isinstance(event, StepJudged)
                    and (event.verdict is Verdict.FAILED or _is_whole(steps[event.step], scopes))
                ):
                    self.post_message(Happened(event))

    def _is_outdated(self, step: str, began: float) -> bool:
        """Say whether the step has been opened since the pass began: then its own look knows better."""
        return self._opened.get(step, 0.0) >= began

    @work(exclusive=True, group="outlook", exit_on_error=False)
    async def read_outlook(self) -> None:
        """Read chain, values and clocks anew."""
        self.post_message(Happened(await self._guide.outlook()))

    @work(exclusive=True, group="look", exit_on_error=False)
    async def look(self, delay: float = 0.0) -> None:
        """Judge the open step after a delay; a newer call takes the place of an older one."""
        step = self._step
        if step is None:
            return
        if delay:
            await asyncio.sleep(delay)
            await self._presence.somebody_is_there()
        seen: dict[tuple[str, str], Finding] = {}
        async with aclosing(self._guide.check([*self._behind(step), step])) as events:
            async for event in events:
                if step is not self._step:
                    return
                if isinstance(event, Found):
                    seen[event.step, event.check.id] = event.finding
                if isinstance(event, Found | StepJudged):
                    self.post_message(Happened(event))
        changed, self._seen = seen != self._seen, seen
        self.post_message(LookEnded(step.id, changed))

    def look_on(self, seen: Mapping[str, Finding]) -> None:
        """Go on from what somebody else has seen of the open step just now, by check."""
        step = self._step.id if self._step is not None else ""
        self._seen = {(step, check): finding for check, finding in seen.items()}
        self.look_again(changed=True)

    def look_again(self, *, changed: bool) -> None:
        """Look again by and by: soon after a change, ever more rarely while nothing happens."""
        good = bool(self._seen) and all(seen.verdict is Verdict.PASSED for seen in self._seen.values())
        first, last = (
            (LAST_LOOK_SECONDS, LAST_LOOK_PASSED_SECONDS) if good else (FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS)
        )
        self._pause = first if changed else max(first, min(self._pause * 2, last))
        self.look(self._pause)

    @work(exclusive=True, group="drift", exit_on_error=False)
    async def watch_for_drift(self) -> None:
        """Look again at what has passed, now and then; what broke is told."""
        while True:
            await asyncio.sleep(DRIFT_SECONDS)
            await self._presence.somebody_is_there()
            steps = [step for step in self._passed() if step is not self._step]
            if steps:
                await self._look_for_drift(steps)

    async def _look_for_drift(self, steps: list[Step]) -> None:
        by_id, began = {step.id: step for step in steps}, time.monotonic()
        told: dict[str, str] = {}
        async with aclosing(self._guide.check(steps, scopes=_DRIFT_SCOPES)) as events:
            async for event in events:
                if isinstance(event, Found) and not self._is_outdated(event.step, began):
                    self.post_message(Happened(event))
                if isinstance(event, Found) and event.finding.verdict is Verdict.FAILED:
                    told.setdefault(event.step, f"{event.check.title}: {event.finding.observed}")
                elif (
                    isinstance(event, StepJudged)
                    and event.verdict is Verdict.FAILED
                    and not self._is_outdated(event.step, began)
                ):
                    self.post_message(Happened(event))
                    self.post_message(Drifted(by_id[event.step], told.get(event.step, "")))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep a fault of ours out of the learner's way, but not out of the log; looking goes on."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("looking failed", exc_info=event.worker.error)
            if event.worker.group == "look":
                self.look(LAST_LOOK_SECONDS)


def _is_whole(step: Step, scopes: Collection[Scope]) -> bool:
    """Say whether all of the step's checks look where these scopes are."""
    return all(check.scope in scopes for check in step.checks)
