"""Looks at the world while the learner works: often at the open step, now and then at what has passed.

It shows nothing itself. Gentle by design: one pass at a time, ever more rarely while nothing changes, and
none while nobody is at the terminal. Where the open step is about the cluster it listens to the namespace,
too, and looks at once when something changes there. A step that has passed costs no more requests to the
model, unless somebody asks; of one that has not the model is asked again soon after something has changed,
ever more rarely while nothing does.
"""

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
from workshop_tui.findings import Scope, Verdict, summarise
from workshop_tui.tui.asking_pace import AskingPace
from workshop_tui.tui.messages import Happened, LookEnded
from workshop_tui.tui.widgets.drift_watcher import DriftWatcher
from workshop_tui.tui.widgets.listener import Listener
from workshop_tui.tui.widgets.surveyor import Surveyor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from textual.app import ComposeResult

    from workshop_tui.events import GuideProtocol
    from workshop_tui.findings import Finding
    from workshop_tui.tui.presence import Presence
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 4.0
"""How long after a pass the open step is looked at again; doubles while nothing changes."""
LAST_LOOK_SECONDS = 30.0
"""The longest pause, and the first one once the step has passed."""
LAST_LOOK_PASSED_SECONDS = 120.0
"""The longest pause once the step has passed: little is to come, and live requests cost the learner."""
CLUSTER_LOOK_SECONDS = 2.0
"""The least time between two looks that changes in the cluster ask for."""
_CLUSTER_SCOPES = (Scope.CLUSTER, Scope.LIVE)
"""The scopes of checks whose answer may change with what is in the cluster."""


class Watcher(Widget):
    """Checks the open step again and again, and has the other steps and the cluster watched beside it."""

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
        self._pace = AskingPace()
        self._unasked = False
        """Whether the last look left out an answer of the model that the step has not passed without."""
        self._opened: dict[str, float] = {}
        self._looks = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._looked = self._cluster_looked = 0.0
        self._listener = Listener(guide, presence, self._look_at_change)
        self._surveyor = Surveyor(guide, lambda: self._step, passed, self._is_outdated)
        self._drift = DriftWatcher(guide, presence, self._passed_elsewhere, self._is_outdated)

    def compose(self) -> ComposeResult:
        """Have beside it what listens to the cluster, and what looks at the steps that are not open."""
        yield self._listener
        yield self._surveyor
        yield self._drift

    def open(self, step: Step) -> None:
        """Look at this step from now on."""
        self._step = step
        self._opened[step.id] = time.monotonic()
        self._pause = FIRST_LOOK_SECONDS
        self._seen = {}
        self._listener.stop()
        self.look_afresh()

    def look_afresh(self) -> None:
        """Look at the open step as if for the first time: the learner has been at work on it."""
        self._pace.begin()
        self._unasked = False
        self.look()

    def look_now(self) -> None:
        """Look at everything: somebody asks."""
        self._pace.begin()
        self._at_rest.clear()  # no change in the cluster takes its place before it has begun
        self.look(asked=True)

    def rest(self) -> None:
        """Stop looking at the open step: an action is about to change it."""
        self.workers.cancel_group(self, "look")
        if not self._looks:
            self._at_rest.set()  # one that was asked for, and had not begun, does not begin any more
        self._listener.stop()

    def survey(self) -> None:
        """Look once at every step that is not open, so that what was done before is seen."""
        self._surveyor.survey()

    def catch_up(self) -> None:
        """See what somebody did to the steps that are not open."""
        self._surveyor.catch_up()

    def _passed_elsewhere(self) -> list[Step]:
        return [step for step in self._passed() if step is not self._step]

    def _is_outdated(self, step: str, began: float) -> bool:
        """Return whether the step has been opened since the pass began: then its own look knows better."""
        return self._opened.get(step, 0.0) >= began

    @work(exclusive=True, group="outlook", exit_on_error=False)
    async def read_outlook(self) -> None:
        """Read chain, values and clocks anew."""
        self.post_message(Happened(await self._guide.outlook()))

    @work(exclusive=True, group="look", exit_on_error=False)
    async def look(self, delay: float = 0.0, *, asked: bool = False, cluster_only: bool = False) -> None:
        """Judge the open step after a delay; a newer call takes the place of an older one.

        `asked`: somebody wants to know, so the model is asked even where all has passed. `cluster_only`:
        something in the cluster has changed, so nothing else is looked at.
        """
        step = self._step
        if step is None:
            return
        if delay:
            await asyncio.sleep(delay)
            await self._presence.wait_until_present()
        if cluster_only:
            self._pace.note_change()
        # However much changes in the cluster, the rest has its turn.
        cluster_only = cluster_only and time.monotonic() - self._looked < LAST_LOOK_SECONDS
        asks = asked or not (cluster_only or self._pace.seconds_left or self._has_passed(step))
        self._looks += 1
        self._at_rest.clear()
        try:
            seen, unasked = await self._judge(
                step, asked=asked, asks=asks, scopes=(Scope.CLUSTER,) if cluster_only else None
            )
        finally:
            self._looks -= 1
            if not self._looks:  # the one that takes the place of this one may have begun
                self._at_rest.set()
        if step is not self._step:
            return
        changed, self._seen = seen != self._seen, seen
        self._keep_pace(asks=asks, changed=changed)
        self._unasked = unasked
        if cluster_only:
            self._cluster_looked = time.monotonic()
        else:
            self._looked = time.monotonic()
        # The cluster was looked at by what was known of Azure: soon after, all of it has its turn.
        self.post_message(LookEnded(step.id, changed or (cluster_only and not self._has_passed(step))))
        if any(
            check.scope in _CLUSTER_SCOPES for each in (step, *self._behind(step)) for check in each.checks
        ):
            self._listener.listen()

    async def _judge(
        self, step: Step, *, asked: bool, asks: bool, scopes: Collection[Scope] | None
    ) -> tuple[dict[tuple[str, str], Finding], bool]:
        """Judge the step, and those that show the roots of it; what is not looked at is as it was seen.

        Return that, and whether the model would have to be asked to know more.
        """
        behind = self._behind(step)
        costless = [] if asked else [*behind, *([] if asks else [step])]
        steps = {each.id for each in (step, *behind)}
        seen = {key: finding for key, finding in self._seen.items() if key[0] in steps}
        left_out = {key for key in seen if key[0] == step.id}
        looking = self._guide.check([*behind, step], scopes=scopes, without_asking=costless)
        async with aclosing(looking) as events:
            async for event in events:
                if step is not self._step:
                    break
                if isinstance(event, Found):
                    seen[event.step, event.check.id] = event.finding
                    left_out.discard((event.step, event.check.id))
                    self.post_message(Happened(event))
                elif isinstance(event, StepJudged):
                    self._tell(event, seen)
        if scopes is not None:
            return seen, self._unasked
        return seen, any(seen[key].verdict is not Verdict.PASSED for key in left_out)

    def _keep_pace(self, *, asks: bool, changed: bool) -> None:
        if asks:
            pending = any(seen.verdict is Verdict.PENDING for seen in self._seen.values())
            self._pace.note_asked(changed=changed, pending=pending)
        elif changed:
            self._pace.note_change()

    @property
    def asks_in(self) -> float | None:
        """Seconds until the model is asked again of the open step; None where its answer lacks nothing."""
        return self._pace.seconds_left if self._unasked else None

    def _tell(self, judged: StepJudged, seen: Mapping[tuple[str, str], Finding]) -> None:
        """Tell a step's verdict by all that is known of it, as far as that is enough to tell."""
        step = self._guide.workshop.step(judged.step)
        findings = [seen.get((step.id, check.id)) for check in step.checks]
        known = [finding.verdict for finding in findings if finding is not None]
        if judged.verdict is Verdict.FAILED or len(known) == len(findings):
            self.post_message(Happened(StepJudged(step.id, summarise(known))))

    def _has_passed(self, step: Step) -> bool:
        """Return whether all of the step's checks have been seen to pass."""
        findings = [self._seen.get((step.id, check.id)) for check in step.checks]
        return all(finding is not None and finding.verdict is Verdict.PASSED for finding in findings)

    async def _look_at_change(self) -> None:
        """Look at what has changed in the cluster, when it is its turn."""
        await self._at_rest.wait()
        await asyncio.sleep(max(0.0, self._cluster_looked + CLUSTER_LOOK_SECONDS - time.monotonic()))
        self.look(cluster_only=True)

    def look_on(self, seen: Mapping[str, Finding]) -> None:
        """Go on from what somebody else has seen of the open step just now, by check."""
        step = self._step.id if self._step is not None else ""
        self._seen = {(step, check): finding for check, finding in seen.items()}
        self._pace.begin()
        self._keep_pace(asks=True, changed=True)
        self._unasked = False
        self.look_again(changed=True)

    def look_again(self, *, changed: bool) -> None:
        """Look again by and by: soon after a change, ever more rarely while nothing happens."""
        if not self._at_rest.is_set():
            return  # somebody has asked for a look meanwhile: it comes first, and what follows follows it
        good = bool(self._seen) and all(seen.verdict is Verdict.PASSED for seen in self._seen.values())
        first, last = (
            (LAST_LOOK_SECONDS, LAST_LOOK_PASSED_SECONDS) if good else (FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS)
        )
        self._pause = first if changed else max(first, min(self._pause * 2, last))
        pause = self._pause
        if self._unasked:
            pause = min(pause, max(self._pace.seconds_left, 1.0))  # the desk has said when
        self.look(pause)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep a fault of ours out of the learner's way, but not out of the log; looking goes on."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("looking failed", exc_info=event.worker.error)
            if event.worker.group == "look":
                self.look(LAST_LOOK_SECONDS)
