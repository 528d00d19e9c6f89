"""The guide: judges steps from facts, runs their actions and resets, and holds the gate."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workshop_tui import guide_acting, guide_gate, guide_planning
from workshop_tui.app_log import read_app_log
from workshop_tui.cloud.namespace_watch import NamespaceWatch
from workshop_tui.dry_run import dry_run_services
from workshop_tui.events import (
    ActionEnded,
    Event,
    Gate,
    Outlook,
    Plan,
    StepJudged,
)
from workshop_tui.facts.engine import Facts
from workshop_tui.facts.recent_readings import RecentReadings
from workshop_tui.findings import Finding, Scope, Verdict
from workshop_tui.guide_checking import check_steps
from workshop_tui.guide_judging import evidence_of, judge, verdict_of
from workshop_tui.journal import JournalError
from workshop_tui.model import (
    FederatedCredentials,
    LocalRun,
    ManagedCluster,
    Now,
    OpenAIAccount,
    PushedImage,
    Sightings,
)
from workshop_tui.snapshot import take_snapshot
from workshop_tui.trust_chain import STEPS as CHAIN_STEPS
from workshop_tui.trust_chain import read_chain
from workshop_tui.variables import known_variables

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Mapping,
        Sequence,
    )

    from workshop_tui.journal import Journal
    from workshop_tui.root_causes import RootCauses
    from workshop_tui.workshop import Step, Workshop

_log = logging.getLogger(__name__)

PENDING_SECONDS = 8 * 60.0
"""How long `solve` waits at most for what is pending: Azure's five minutes of propagation, with room."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Between two looks at what is pending, in seconds."""

PASS_SERVICES = (Now, Sightings)
"""What the guide itself gives to each pass, beside the clients."""


class Guide:
    """One workshop on one target. See `events.GuideProtocol` for its contract."""

    def __init__(
        self,
        workshop: Workshop,
        services: Callable[[], Mapping[type, object]],
        journal: Journal,
        resolvers: Mapping[type, Callable[..., Awaitable[object]]] | None = None,
        remedies: Mapping[str, str] | None = None,
    ) -> None:
        """Take the workshop, what gives the clients for a pass, the journal, and what reads the facts.

        `remedies` are the target's own words by cause, where it knows better than the catalogue.
        """
        self.workshop = workshop
        self._services = services
        self._journal = journal
        self._resolvers = resolvers
        self._remedies = remedies
        self._recent = RecentReadings()
        self.cluster = ""
        """The cluster's name as the last pass found it; names may leave it to discovery."""

    @asynccontextmanager
    async def open_pass(
        self, *, dry_run: bool = False, known: Mapping[type, object] | None = None
    ) -> AsyncIterator[Facts]:
        """Open one pass: facts of this moment, each read at most once; a `dry_run` can change nothing.

        What is `known` already is not read.
        """
        moment = datetime.now(UTC)
        given = dry_run_services(self._services()) if dry_run else self._services()
        services = {
            **given,
            **(known or {}),
            Now: Now(moment),
            Sightings: self._journal.sightings(),
        }
        async with Facts(services, self._resolvers, self._remedies) as facts:
            yield facts

    async def check(
        self,
        steps: Sequence[Step],
        *,
        scopes: Collection[Scope] | None = None,
        without_asking: Collection[Step] = (),
    ) -> AsyncGenerator[Event, None]:
        """Judge the steps in one pass; findings come as they land. Steps without such checks are left out.

        Of the steps in `without_asking` what would ask the model is left out: it costs the learner. A pass
        about the cluster alone takes Azure's own things as they were seen a few seconds ago.
        """
        began = time.monotonic()
        known = self._recent.still_good() if scopes and set(scopes) == {Scope.CLUSTER} else None
        async with self.open_pass(known=known) as facts:
            checking = check_steps(steps, facts, self._journal, scopes=scopes, without_asking=without_asking)
            async with aclosing(checking) as events:
                async for event in events:
                    yield event
            self._recent.take(facts, began)
            self._remember(facts)

    async def survey(
        self, *, without: Step | None = None, scopes: Collection[Scope] | None = None
    ) -> AsyncGenerator[Event, None]:
        """Judge every step in one pass, then tell the outlook from the same facts."""
        steps = [step for step in self.workshop.steps if step is not without]
        async with self.open_pass() as facts:
            async with aclosing(check_steps(steps, facts, self._journal, scopes=scopes)) as events:
                async for event in events:
                    yield event
            self._remember(facts)
            yield await self._outlook(facts)

    async def watch_namespace(self) -> AsyncGenerator[None, None]:
        """Yield whenever something in the learner's namespace has changed; end where it cannot be watched."""
        async with self.open_pass() as facts:
            watch = await facts.read(NamespaceWatch) if facts.knows(NamespaceWatch) else None
        if isinstance(watch, NamespaceWatch):
            async with aclosing(watch.changes()) as changes:
                async for _ in changes:
                    yield

    async def outlook(self) -> Outlook:
        """Read what the outlook tells, in a pass of its own."""
        async with self.open_pass() as facts:
            return await self._outlook(facts)

    async def snapshot(self, step: Step) -> Mapping[str, str]:
        """Return what the step's checks look at, as lines of text by kind of fact; secrets masked."""
        async with self.open_pass() as facts:
            return await take_snapshot(step, facts)

    async def app_log(self) -> tuple[str, str]:
        """Return a title and the end of the log of the app's newest pod, cleaned; or why there is none."""
        async with self.open_pass() as facts:
            return await read_app_log(facts)

    async def _outlook(self, facts: Facts) -> Outlook:
        """Read chain and values; the image's time only where this pass has asked the registry already."""
        chain = await read_chain(facts) if self.workshop.by_id.keys() >= CHAIN_STEPS else ()
        image = facts.already_read(PushedImage)
        manifest = image.manifest if isinstance(image, PushedImage) else None
        return Outlook(chain, await known_variables(facts), manifest.expires if manifest else None)

    async def plan(self, step: Step) -> Plan:
        """Tell what the step's action would do now, and what its reset would undo; changes nothing."""
        async with self.open_pass(dry_run=True) as facts:
            return await guide_planning.plan(step, facts)

    def _remember(self, facts: Facts) -> None:
        """Keep what the world will not tell again: first sightings, and a local run seen live."""
        cluster = facts.already_read(ManagedCluster)
        if isinstance(cluster, ManagedCluster):
            self.cluster = cluster.name
        try:
            credentials = facts.already_read(FederatedCredentials)
            if isinstance(credentials, FederatedCredentials):
                self._journal.sight((item.sighting for item in credentials.items), datetime.now(UTC))
            account = facts.already_read(OpenAIAccount)
            if isinstance(account, OpenAIAccount) and not account.key_sign_in:
                self._journal.sight((account.sighting,), datetime.now(UTC))
            run = facts.already_read(LocalRun)
            if isinstance(run, LocalRun) and run.live and _proves(run):
                self._journal.keep("", evidence_of(run))
        except JournalError:
            _log.exception("what was seen could not be kept")

    async def findings(self, facts: Facts, step: Step) -> Sequence[Finding]:
        """Judge one step quietly within a pass."""
        return await asyncio.gather(*(judge(facts, check) for check in step.checks))

    async def passed(self, step: Step) -> bool:
        """Return whether the step has passed, on facts read now; tells nobody and writes nothing."""
        async with self.open_pass() as facts:
            return verdict_of(await self.findings(facts, step)) is Verdict.PASSED

    async def gate(self, step: Step) -> Gate:
        """Say whether every step that this one needs has passed, on facts read now."""
        async with self.open_pass() as facts:
            return await guide_gate.read_gate(self.workshop, facts, step)

    async def root_causes(self, found: Mapping[tuple[str, str], Finding]) -> RootCauses:
        """Find the roots of what was found, by step and check: they may lie in a step before these."""
        async with self.open_pass() as facts:
            return await guide_gate.causes_behind(self.workshop, facts, found)

    def skip_gate(self, step: Step) -> None:
        """Note that somebody opened this step past its gate."""
        self._journal.write("gate-skipped", step.id)

    async def solve(self, step: Step) -> AsyncGenerator[Event, None]:
        """Do the step's action, then check it; what is pending is waited for, `PENDING_SECONDS` at most."""
        done = False
        try:
            async with aclosing(guide_acting.act(step, self.open_pass, self._journal)) as events:
                async for event in events:
                    if isinstance(event, ActionEnded):
                        done = event.done
                    yield event
        finally:
            self._recent.forget()
        if done:
            async with aclosing(self._check_until_settled(step)) as events:
                async for event in events:
                    yield event

    async def _check_until_settled(self, step: Step) -> AsyncGenerator[Event, None]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PENDING_SECONDS
        pause = FIRST_PAUSE
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
            pause = min(pause * 1.5, LONGEST_PAUSE)

    async def reset(self, steps: Sequence[Step], *, dry_run: bool = False) -> AsyncGenerator[Event, None]:
        """Undo the steps, last first. One that cannot be undone does not keep the others from it."""
        undoing = guide_acting.reset(steps, self.open_pass, self._journal, dry_run=dry_run)
        try:
            async with aclosing(undoing) as events:
                async for event in events:
                    yield event
        finally:
            self._recent.forget()

    async def variables(self) -> Mapping[str, str]:
        """Return the values that pages and shells may use, as far as they are known now."""
        async with self.open_pass() as facts:
            return await known_variables(facts)


def _proves(run: LocalRun) -> bool:
    """Return whether a run is one to remember: a bad one that is over must not hide a good one before it."""
    had_key = run.key_in_environment or run.account_saw == "key"
    return run.healthy and bool(run.description) and not had_key
