"""The whole workshop without a screen: each step red, done, green, in a practice cloud of its own.

With the proof, every step is then reset, last first, and must be red again, and all is done once more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workshop_tui.events import ActionEnded, Found, StepJudged, Undone
from workshop_tui.facts.engine import needs_of
from workshop_tui.findings import Verdict
from workshop_tui.model import AccountLog, ClusterDescription, ManagedIdentity
from workshop_tui.session import take_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.events import Event
    from workshop_tui.session import Session
    from workshop_tui.workshop import Step


@dataclass(slots=True)
class Rehearsal:
    """One rehearsal: what went wrong is gathered in `problems`; nothing there means all was proven."""

    session: Session
    say: Callable[[str], None]
    told: Callable[[Event], None]
    problems: list[str] = field(default_factory=list)

    async def run(self, *, proof: bool) -> bool:
        """Rehearse; return whether every check passed, each having been red where it must be."""
        steps = self.session.workshop.steps
        for step in steps:
            if not await self._red_done_green(step):
                return False
        if not await self._all_green():
            return False
        if proof:
            for step in reversed(steps):
                await self._reset(step)
            for step in steps:
                if not await self._red_done_green(step, red=False):
                    return False
            if not await self._all_green():
                return False
        await self._evidence()
        return not self.problems

    async def _red_done_green(self, step: Step, *, red: bool = True) -> bool:
        started = time.monotonic()
        self.say(f"\n{step.number:2} · {step.title}" + (" (bonus)" if step.bonus else ""))
        if red:
            await self._expect_red(step, "before its action")
        verdict, ended = Verdict.UNKNOWN, True
        async for event in self.session.guide.solve(step):
            self.told(event)
            if isinstance(event, StepJudged):
                verdict = event.verdict
            elif isinstance(event, ActionEnded):
                ended = event.done
        self.say(f"    {verdict.value} after {time.monotonic() - started:.1f} s")
        if not ended or verdict is not Verdict.PASSED:
            self.problems.append(f"{step.id}: {verdict.value} after its action")
            return False
        return True

    async def _expect_red(self, step: Step, when: str) -> None:
        """Look at the step; one that acts must not have passed yet, and says with which cause."""
        verdict, causes = Verdict.UNKNOWN, []
        async for event in self.session.guide.check([step]):
            if isinstance(event, StepJudged):
                verdict = event.verdict
            elif isinstance(event, Found) and event.finding.cause:
                causes.append(event.finding.cause)
        if step.kind == "observe":
            self.say(f"    {when}: {verdict.value} (this step only looks)")
            return
        self.say(f"    {when}: {verdict.value}: {', '.join(dict.fromkeys(causes))}")
        if verdict is not Verdict.FAILED:
            self.problems.append(f"{step.id}: {verdict.value} {when}, where it must fail")

    async def _reset(self, step: Step) -> None:
        if step.kind == "observe" and step.reset is None:
            return
        self.say(f"\n{step.number:2} · reset {step.title}")
        planned = 0
        async for event in self.session.guide.reset([step], dry_run=True):
            if isinstance(event, Undone):
                planned += 1
                self.say(f"    to undo: {event.undo.change.what}")
        undone = 0
        async for event in self.session.guide.reset([step]):
            self.told(event)
            if isinstance(event, Undone):
                undone += 1
                if event.problem:
                    self.problems.append(f"{step.id}: reset: {event.problem}")
        if undone != planned or not undone:
            self.problems.append(f"{step.id}: the dry run listed {planned} to undo, {undone} were undone")
        await self._expect_red(step, "after its reset")

    async def _all_green(self) -> bool:
        report = await take_report(self.session, self.session.workshop.steps)
        counted = [finding for item in report.steps for _, finding in item.findings]
        green = sum(finding.verdict is Verdict.PASSED for finding in counted)
        self.say(
            f"\nAll steps in one pass: {green} of {len(counted)} checks passed,"
            f" {report.seconds:.1f} s, {report.requests} requests"
        )
        if report.verdict is Verdict.PASSED:
            return True
        for item in report.steps:
            for check, finding in item.findings:
                if finding.verdict is not Verdict.PASSED:
                    self.problems.append(f"{item.step.id}/{check.id}: {finding.cause}: {finding.observed}")
        return False

    async def _evidence(self) -> None:
        """Show what proves it: the description, and what the account says of who asked for it."""
        if not self._asks_the_app():
            return
        async with self.session.guide.open_pass() as facts:
            description = await facts.read(ClusterDescription)
            identity = await facts.read(ManagedIdentity)
            log = await facts.read(AccountLog)
        if isinstance(description, ClusterDescription):
            self.say(f"\nThe app in the cluster says: {description.answer.text}")
        if not isinstance(log, AccountLog) or not isinstance(identity, ManagedIdentity):
            return
        theirs = [item for item in log.requests if item.object_id == identity.principal_id]
        if not theirs:
            self.problems.append("the account's log shows no request of the managed identity")
            return
        last = theirs[-1]
        self.say(
            f"The account saw: a {last.authentication} of {identity.name} ({last.object_id}), no key,"
            f" status {last.status}; {len(theirs)} such requests"
        )
        if any(item.authentication != "token" for item in theirs):
            self.problems.append("the account's log shows a request of the identity without a token")

    def _asks_the_app(self) -> bool:
        """Return whether a check of this workshop asks the app in the cluster: else there is none."""
        checks = [check for step in self.session.workshop.steps for check in step.checks]
        return any(need.kind is ClusterDescription for check in checks for need in needs_of(check.judge))
