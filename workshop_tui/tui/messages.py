"""What the parts of the TUI tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from workshop_tui.events import Door, Event
    from workshop_tui.session import Session
    from workshop_tui.workshop import Step


@dataclass
class TargetChosen(Message):
    """The learner chose where to work: `practice` or `azure`."""

    kind: str


@dataclass
class SessionOpened(Message):
    """Everything is joined; the desk can be shown."""

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
    """The guide said something."""

    event: Event


@dataclass
class DoorAnswered(Message):
    """The gate has been asked for."""

    step: Step
    door: Door


@dataclass
class CheckPassed(Message):
    """A pass over the open step has ended."""

    step: str
    changed: bool
