"""The proof of a drill: its causes named in order, mended by the commands as they are printed, restored.

What is run is the very text that a learner sees, in the order of the chain. Where it is not enough, what the
next report names is run, as long as that is something new.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui import drilling
from workshop_tui.drills import DrillError
from workshop_tui.findings import Verdict
from workshop_tui.report_text import as_table, root_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill_bench import Bench, Ran

    from workshop_tui.drills import Drill
    from workshop_tui.report import Report
    from workshop_tui.root_causes import Root

SHOW_SECONDS = 40.0
"""How long the causes may take until they show as they must."""
GREEN_SECONDS = 60.0
"""How long the world may take to be green after the last command."""
STEADY_SECONDS = 4.0
"""How long a new cause must stay named until it counts as the next one to mend."""
PAUSE = 0.5
"""Between two looks, in seconds: pods need the processor, too."""
ROUNDS = 5
"""How often a learner may have to go back to the report."""


@dataclass(frozen=True)
class Proof:
    """What was seen of one drill.

    Attributes:
        drill: its id.
        expected: the causes that it must show.
        verdict: what the self-check of the drilled cloud said.
        roots: the root causes that it named.
        ran: the commands that were run, in order.
        words_only: the roots that came without a command.
        looks: how many reports it took to know these commands.
        green: whether all was green in the end, by these commands alone.
        waited: the causes that were pending meanwhile: what only time mends.
        mending_seconds: how long that took.
        seconds: how long everything took.
        left: what was not as before after `drill stop`.
        stopping: why the world did not become right again; empty where it did.
        misprinted: the commands that are printed in another way than they are meant.
        found: the root causes with what was seen, where something is wrong.

    """

    drill: str
    expected: tuple[str, ...]
    verdict: Verdict
    roots: tuple[str, ...]
    ran: tuple[Ran, ...] = ()
    words_only: tuple[str, ...] = ()
    looks: int = 0
    green: bool = False
    waited: tuple[str, ...] = ()
    mending_seconds: float = 0.0
    seconds: float = 0.0
    left: tuple[str, ...] = ()
    stopping: str = ""
    misprinted: tuple[str, ...] = ()
    found: tuple[str, ...] = ()

    @property
    def wrong(self) -> list[str]:
        """All that is wrong, for a person; empty where the drill is proven."""
        return list(self._wrong())

    def _wrong(self) -> Iterator[str]:
        wanted = Verdict.FAILED if self.expected else Verdict.PASSED
        if self.verdict is not wanted:
            yield f"the self-check says {self.verdict}, not {wanted}"
        if self.roots != self.expected:
            yield f"the roots are {list(self.roots)}, not {list(self.expected)}"
        yield from (f"without a command: {cause}" for cause in self.words_only)
        if not self.green:
            yield "it did not become green"
            yield from (f"  {ran.command}\n    {ran.code}: {ran.said}" for ran in self.ran)
        yield from (f"not as before: {what}" for what in self.left)
        if self.stopping:
            yield f"stopping: {self.stopping}"
        yield from (f"not printed as it is: {command}" for command in self.misprinted)
        yield from self.found


async def prove(bench: Bench, drill: Drill) -> Proof:
    """Start the drill, look, mend it by what is printed, and stop it."""
    begun = time.monotonic()
    before = await bench.state()
    mending = Mending(bench, drill)
    try:
        async for _ in drilling.start(bench.session, drill.id):
            pass
        report = await _looked_until(bench, drill, lambda seen: _shows(drill, seen), SHOW_SECONDS)
        seen = Proof(drill.id, drill.causes, report.verdict, report.roots)
        if report.roots == drill.causes:
            await mending.mend(report)
        else:
            mending.found = _roots_of(report)
    finally:
        stopping = await _stop(bench)
    after = await bench.state()
    return Proof(
        drill=seen.drill,
        expected=seen.expected,
        verdict=seen.verdict,
        roots=seen.roots,
        ran=tuple(mending.ran),
        words_only=tuple(mending.words_only),
        looks=mending.looks,
        green=mending.green,
        waited=tuple(sorted(mending.waited)),
        mending_seconds=mending.seconds,
        seconds=time.monotonic() - begun,
        left=tuple(_differences(before, after)),
        stopping=stopping,
        misprinted=tuple(mending.misprinted),
        found=tuple(mending.found),
    )


async def _stop(bench: Bench) -> str:
    """End the drill that runs, and return what kept all from being right again; the next one needs it so."""
    try:
        async for _ in drilling.stop(bench.session):
            pass
    except DrillError as error:
        await bench.solve(bonus=False)
        return str(error)
    return ""


def _roots_of(report: Report) -> list[str]:
    titles = {item.step.id: item.step.title for item in report.steps}
    return root_lines(report.root_causes, titles)


class Mending:
    """Running what the report prints until all is green, or nothing new is named."""

    def __init__(self, bench: Bench, drill: Drill) -> None:
        self._bench = bench
        self._drill = drill
        self._tried: set[tuple[str, str]] = set()
        self.ran: list[Ran] = []
        self.words_only: list[str] = []
        self.misprinted: list[str] = []
        self.found: list[str] = []
        self.looks = 0
        self.waited: set[str] = set()
        self.green = False
        self.seconds = 0.0

    async def mend(self, report: Report) -> None:
        """Run the commands of the report's roots, and those of the next reports."""
        begun = time.monotonic()
        for _ in range(ROUNDS):
            if report.verdict is Verdict.PASSED:
                break
            self.looks += 1
            await self._run(report)
            if self.words_only:
                break
            report = await self._afterwards()
            if not self._new(report):
                break
        self.green = report.verdict is Verdict.PASSED
        self.seconds = time.monotonic() - begun
        if not self.green:
            self.found = _roots_of(report)

    async def _run(self, report: Report) -> None:
        for root in self._new(report):
            command = root.finding.command
            self._tried.add((root.cause, command))
            if not command:
                self.words_only.append(root.cause)
                continue
            printed = as_table(report)
            if not all(line in printed for line in command.splitlines()):
                self.misprinted.append(command)
            self.ran.append(await self._bench.run(command))

    def _new(self, report: Report) -> list[Root]:
        return [
            root
            for root in report.root_causes.told
            if root.finding.verdict is Verdict.FAILED
            and (root.cause, root.finding.command) not in self._tried
        ]

    async def _afterwards(self) -> Report:
        """Look until it is green, or a cause that was not mended yet is named steadily."""
        steady: tuple[str, ...] = ()
        since = 0.0

        def enough(report: Report) -> bool:
            nonlocal steady, since
            if report.verdict is Verdict.PASSED:
                return True
            self.waited |= {root.cause for root in report.root_causes.roots if _is_pending(root)}
            new = tuple(root.cause for root in self._new(report))
            now = time.monotonic()
            if new != steady:
                steady, since = new, now
            return bool(new) and now - since > STEADY_SECONDS

        return await _looked_until(self._bench, self._drill, enough, GREEN_SECONDS)


def _is_pending(root: Root) -> bool:
    return root.finding.verdict is Verdict.PENDING


async def _looked_until(
    bench: Bench, drill: Drill, enough: Callable[[Report], bool], seconds: float
) -> Report:
    """Look until it is enough, or the time is over; return the last report."""
    deadline = time.monotonic() + seconds
    while True:
        report = await bench.look(drill)
        if enough(report) or time.monotonic() > deadline:
            return report
        # Looking is the only way to learn when roles have propagated and pods have rolled.
        await asyncio.sleep(PAUSE)


def _shows(drill: Drill, report: Report) -> bool:
    if not drill.causes:
        return report.verdict is not Verdict.PENDING
    return report.verdict is Verdict.FAILED and report.roots == drill.causes


def _differences(before: dict[str, object], after: dict[str, object]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield f"{key} is gone"
        elif key not in before:
            yield f"{key} is new"
        elif before[key] != after[key]:
            yield f"{key}: {before[key]} → {after[key]}"
