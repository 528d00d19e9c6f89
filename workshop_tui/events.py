"""What the guide tells while it works: one stream for every screen, line printer and journal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Mapping, Sequence

    from workshop_tui.authoring import Progress, Undo
    from workshop_tui.findings import Finding, Scope
    from workshop_tui.workshop import Check, Step, Workshop


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """A check waits for its facts."""

    step: str
    check: Check


@dataclass(frozen=True, slots=True)
class Found:
    """A check came out."""

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


Event = CheckStarted | Found | StepJudged | ActionProgressed | ActionEnded | Undone


class DoorState(StrEnum):
    """How a step's door stands."""

    OPEN = "open"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Door:
    """The gate before a step: open, or what keeps it shut, in the order of the workshop.

    `missing` are ids of needed steps that have not passed; `sentence` says so for people, and `verdict` how
    they came out together: `UNKNOWN` where one could not be looked at, and the learner need not act on it.
    """

    step: str
    state: DoorState
    missing: tuple[str, ...] = ()
    sentence: str = ""
    verdict: Verdict = Verdict.PASSED


class GuideProtocol(Protocol):
    """What screens and commands ask of the guide. Streams may be left at any time: that cancels them."""

    @property
    def workshop(self) -> Workshop:
        """The workshop being guided."""

    def check(
        self, steps: Sequence[Step], *, scopes: Collection[Scope] | None = None
    ) -> AsyncGenerator[Event, None]:
        """Judge these steps in one pass over the world: `CheckStarted`, `Found`, `StepJudged`."""

    def solve(self, step: Step) -> AsyncGenerator[Event, None]:
        """Do the step's action, then check it: `ActionProgressed` …, `ActionEnded`, then as `check`."""

    def reset(self, steps: Sequence[Step], *, dry_run: bool = False) -> AsyncGenerator[Event, None]:
        """Undo these steps, last first: `Undone` for each thing."""

    async def door(self, step: Step) -> Door:
        """Say whether the step is open, from facts read now."""

    def skip_gate(self, step: Step) -> None:
        """Note that somebody opened this step past its gate."""

    async def variables(self) -> Mapping[str, str]:
        """Return the values that pages and the learner's shell may use, as far as they are known now."""
