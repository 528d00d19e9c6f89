"""What the guide tells while it works: one stream for every screen, line printer and journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
    from datetime import datetime

    from workshop_tui.authoring import Change, Progress, Undo
    from workshop_tui.findings import Finding, Scope
    from workshop_tui.trust_chain import Link
    from workshop_tui.workshop import Check, Step, Workshop


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """A check waits for its facts."""

    step: str
    check: Check


@dataclass(frozen=True, slots=True)
class Found:
    """A check was judged."""

    step: str
    check: Check
    finding: Finding


@dataclass(frozen=True, slots=True)
class StepJudged:
    """All checks of the step that were asked for have come out."""

    step: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ActionProgressed:
    """The step's action said something."""

    step: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """The step's action is over: `problem` is empty when it did all it meant to do."""

    step: str
    problem: str = ""
    remedy: str = ""

    @property
    def done(self) -> bool:
        """Whether it did all it meant to do."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class Undone:
    """A reset undid one thing (or would, in a dry run); `problem` says why it could not."""

    step: str
    undo: Undo
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one pass tells beside its findings: trust chain, variables, the image's end.

    `chain` is empty where the workshop has none; `values` are for pages and shell; `image_until` is when the
    registry forgets the learner's image, None where there is none or it is kept.
    """

    chain: tuple[Link, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    image_until: datetime | None = None


Event = CheckStarted | Found | StepJudged | ActionProgressed | ActionEnded | Undone | Outlook


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change that an action would make, or has no need to (`already`)."""

    change: Change
    already: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a step's action would do as things are, and what the step's reset would undo.

    `problem` says why it cannot be told to its end; `reset` is what the reset does, in its author's words,
    and `undo` what it would do right now. `world` is what the step's checks look at, as it was then.
    """

    step: str
    changes: tuple[PlannedChange, ...]
    problem: str = ""
    remedy: str = ""
    undo: tuple[Undo, ...] = ()
    reset: str = ""
    world: Mapping[str, str] = field(default_factory=dict)


class GateState(StrEnum):
    """Whether a step's gate is open."""

    OPEN = "open"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate before a step: open, or what keeps it shut, in the order of the workshop.

    `missing` are ids of needed steps that have not passed; `sentence` says so for people, and `verdict` how
    they came out together: `UNKNOWN` where one could not be looked at, and the learner need not act on it.
    """

    step: str
    state: GateState
    missing: tuple[str, ...] = ()
    sentence: str = ""
    verdict: Verdict = Verdict.PASSED


class GuideProtocol(Protocol):
    """What screens and commands ask of the guide. Streams may be left at any time: that cancels them."""

    @property
    def workshop(self) -> Workshop:
        """The workshop being guided."""

    def check(
        self,
        steps: Sequence[Step],
        *,
        scopes: Collection[Scope] | None = None,
        without_asking: Collection[Step] = (),
    ) -> AsyncGenerator[Event, None]:
        """Judge these steps in one pass over the world: `CheckStarted`, `Found`, `StepJudged`."""

    def survey(
        self, *, without: Step | None = None, scopes: Collection[Scope] | None = None
    ) -> AsyncGenerator[Event, None]:
        """Judge every step but `without` in one pass, then tell the `Outlook` from the same facts."""

    def watch_namespace(self) -> AsyncGenerator[None, None]:
        """Yield whenever something in the learner's namespace has changed, as long as it can be watched."""

    async def outlook(self) -> Outlook:
        """Read what the `Outlook` tells, in a pass of its own."""

    async def snapshot(self, step: Step) -> Mapping[str, str]:
        """Return what the step's checks look at, as lines of text by kind of fact; secrets masked."""

    async def app_log(self) -> tuple[str, str]:
        """Return a title and the end of the log of the app's newest pod, cleaned."""

    async def plan(self, step: Step) -> Plan:
        """Tell what the step's action would do now; changes nothing."""

    def solve(self, step: Step) -> AsyncGenerator[Event, None]:
        """Do the step's action, then check it: `ActionProgressed` …, `ActionEnded`, then as `check`."""

    def reset(self, steps: Sequence[Step], *, dry_run: bool = False) -> AsyncGenerator[Event, None]:
        """Undo these steps, last first: `Undone` for each thing."""

    async def gate(self, step: Step) -> Gate:
        """Say whether the step is open, from facts read now."""

    def skip_gate(self, step: Step) -> None:
        """Note that somebody opened this step past its gate."""

    async def variables(self) -> Mapping[str, str]:
        """Return the values that pages and the learner's shell may use, as far as they are known now."""
