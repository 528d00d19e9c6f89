"""Looks again, now and then, at the steps that have passed, and tells of what no longer holds."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual import work
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from workshop_tui.events import Found, StepJudged
from workshop_tui.findings import Scope, Verdict
from workshop_tui.tui.messages import Drifted, Happened

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.events import GuideProtocol
    from workshop_tui.tui.presence import Presence
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)

DRIFT_SECONDS = 120.0
"""How often the steps that have passed are looked at again."""
DRIFT_SCOPES = (Scope.AZURE, Scope.CLUSTER)
"""What is looked at for drift: no live request, which costs the learner's account, and no probing of code."""


class DriftWatcher(Widget):
    """Watches steps that have passed, and are not open, for as long as it is mounted."""

    DEFAULT_CSS = "DriftWatcher { display: none; }"

    def __init__(
        self,
        guide: GuideProtocol,
        presence: Presence,
        passed: Callable[[], list[Step]],
        is_outdated: Callable[[str, float], bool],
    ) -> None:
        """Take whom to ask and who knows of the learner.

        `passed` returns the steps to look at; `is_outdated` whether a step has been opened since a moment
        of the monotonic clock, so that its own look knows better.
        """
        super().__init__()
        self._guide = guide
        self._presence = presence
        self._passed = passed
        self._is_outdated = is_outdated

    def on_mount(self) -> None:
        """Begin to watch."""
        self.watch_for_drift()

    @work(exclusive=True, group="drift", exit_on_error=False)
    async def watch_for_drift(self) -> None:
        """Look again at what has passed, now and then; what broke is told."""
        while True:
            await asyncio.sleep(DRIFT_SECONDS)
            await self._presence.wait_until_present()
            steps = self._passed()
            if steps:
                await self._look_for_drift(steps)

    async def _look_for_drift(self, steps: list[Step]) -> None:
        by_id, began = {step.id: step for step in steps}, time.monotonic()
        told: dict[str, str] = {}
        drifted: list[Step] = []
        async with aclosing(self._guide.check(steps, scopes=DRIFT_SCOPES)) as events:
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
                    drifted.append(by_id[event.step])
        if drifted:
            # One fault may open several steps again: that is told once.
            self.post_message(Drifted(sorted(drifted, key=lambda step: step.number), told[drifted[0].id]))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep a fault of ours out of the learner's way, but not out of the log."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("looking for drift failed", exc_info=event.worker.error)
