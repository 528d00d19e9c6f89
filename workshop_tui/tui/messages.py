"""What the parts of the TUI tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from workshop_tui.events import Event, Gate
    from workshop_tui.session import Session
    from workshop_tui.settings import Settings
    from workshop_tui.workshop import Step


@dataclass
class TargetChosen(Message):
    """The learner chose where to work: `practice` or `azure`."""

    kind: str


@dataclass
class OtherNamesWanted(Message):
    """The learner wants to work under other names."""


@dataclass
class OtherTargetWanted(Message):
    """The learner wants to choose again where to work."""


@dataclass
class SettingsChanged(Message):
    """The learner wants to work under these settings from now on."""

    settings: Settings


@dataclass
class SessionOpened(Message):
    """The session is open: the desk can be shown."""

    session: Session


@dataclass
class SessionFailed(Message):
    """The session could not be opened."""

    reason: str


@dataclass
class StepChosen(Message):
    """The learner wants to see this step."""

    step: Step


@dataclass
class Happened(Message):
    """An event of the guide, for whatever shows it."""

    event: Event


@dataclass
class GateAnswered(Message):
    """The gate before a step has been read: open, or shut and why."""

    step: Step
    gate: Gate


@dataclass
class LookEnded(Message):
    """A pass over the open step has ended."""

    step: str
    changed: bool


@dataclass
class Drifted(Message):
    """Steps that had passed no longer do; `finding` is the first that says so."""

    steps: list[Step]
    finding: str


@dataclass
class ActionOver(Message):
    """The action of a step is over, and so is the look after it; `done`: it did all it meant to do."""

    step: Step
    done: bool


@dataclass
class ImageExpiring(Message):
    """The registry is about to forget the learner's image, or has (`gone`)."""

    gone: bool


@dataclass
class FaultHappened(Message):
    """Something failed by a fault of ours: `told` says what, `error` is what was raised."""

    told: str
    error: BaseException | None


@dataclass
class ChainAsked(Message):
    """The learner wants the evidence of a link, by its number from 0."""

    link: int
