"""Looks once at every step that is not open: what was done before, by whom ever, is seen."""

from __future__ import annotations

import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual import work
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from workshop_tui.events import Found, Outlook, StepJudged
from workshop_tui.findings import Scope, Verdict
from workshop_tui.tui.messages import Happened
from workshop_tui.tui.widgets.drift_watcher import DRIFT_SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from workshop_tui.events import GuideProtocol
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)


class Surveyor(Widget):
    """Judges, when it is asked to, the steps that are not open, and tells what it finds."""

    DEFAULT_CSS = "Surveyor { display: none; }"

    def __init__(
        self,
        guide: GuideProtocol,
        open_step: Callable[[], Step | None],
        passed: Callable[[], list[Step]],
        is_outdated: Callable[[str, float], bool],
    ) -> None:
        """Take whom to ask, which step is left out, and which have passed.

        `is_outdated` returns whether a step has been opened since a moment of the monotonic clock, so that
        its own look knows better.
        """
        super().__init__()
        self._guide = guide
        self._open_step = open_step
        self._passed = passed
        self._is_outdated = is_outdated

    @work(exclusive=True, group="survey", exit_on_error=False)
    async def survey(self) -> None:
        """Judge every check of these steps."""
        await self._survey(tuple(Scope))

    @work(exclusive=True, group="survey", exit_on_error=False)
    async def catch_up(self) -> None:
        """See what somebody did to these steps, by what costs nothing to look at.

        Where that no longer tells why a step has not passed, all of it is looked at: once.
        """
        right = await self._survey(DRIFT_SCOPES)
        passed = {step.id for step in self._passed()}
        in_question = [step for step in right if step.id not in passed and step is not self._open_step()]
        if in_question:
            began = time.monotonic()
            async with aclosing(self._guide.check(in_question)) as events:
                async for event in events:
                    if isinstance(event, Found | StepJudged) and not self._is_outdated(event.step, began):
                        self.post_message(Happened(event))

    async def _survey(self, scopes: Collection[Scope]) -> list[Step]:
        """Judge the checks of these scopes; return the steps of which a part only was judged, all right."""
        steps, began = self._guide.workshop.by_id, time.monotonic()
        right: list[Step] = []
        async with aclosing(self._guide.survey(without=self._open_step(), scopes=scopes)) as events:
            async for event in events:
                if isinstance(event, Found | StepJudged) and self._is_outdated(event.step, began):
                    continue
                if isinstance(event, Found | Outlook):
                    self.post_message(Happened(event))
                elif isinstance(event, StepJudged):
                    step, verdict = steps[event.step], event.verdict
                    # What some of a step's checks say is the whole truth only where one of them failed.
                    if verdict is Verdict.FAILED or _is_whole(step, scopes):
                        self.post_message(Happened(event))
                    elif verdict is Verdict.PASSED:
                        right.append(step)
        return right

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep a fault of ours out of the learner's way, but not out of the log."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("looking at the other steps failed", exc_info=event.worker.error)


def _is_whole(step: Step, scopes: Collection[Scope]) -> bool:
    """Return whether all of the step's checks look where these scopes are."""
    return all(check.scope in scopes for check in step.checks)
