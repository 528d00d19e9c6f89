"""What the doctor says: one thing this machine has, lacks, or keeps us from seeing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

Mode = Literal["practice", "azure"]
"""A way to do the workshop."""


class State(StrEnum):
    """Whether it is as it should be."""

    OK = "ok"
    LACKING = "lacking"
    UNKNOWN = "unknown"
    """We could not look; `observed` says why."""


class Need(StrEnum):
    """What a thing is needed for. A diagnosis that names none is good to know, and never counts."""

    PRACTICE = "practice"
    AZURE = "azure"
    BY_HAND = "by-hand"
    """Only for who types the commands: the workshop's own actions do without."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reading means, before it is known whose it is.

    `needed_for` replaces what the thing is otherwise needed for, where the reading changes that.
    """

    state: State
    observed: str
    remedy: str = ""
    command: str = ""
    needed_for: tuple[Need, ...] | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of the doctor's.

    Attributes:
        id: stable, lower-case, with hyphens.
        needed_for: see `Need`.
        observed: what was seen, in words.
        remedy: a sentence that says what to do; empty where nothing need be done.
        command: what does it on this platform, or empty.

    """

    id: str
    title: str
    needed_for: tuple[Need, ...]
    state: State
    observed: str
    remedy: str = ""
    command: str = ""


def ok(observed: str, hint: str = "", command: str = "") -> Judgement:
    """Return that it is as it should be; a hint may still help."""
    return Judgement(State.OK, observed, hint, command)


def lacking(
    observed: str, remedy: str, command: str = "", *, needed_for: tuple[Need, ...] | None = None
) -> Judgement:
    """Return that it is not there, or not as it should be."""
    return Judgement(State.LACKING, observed, remedy, command, needed_for)


def unknown(observed: str, remedy: str = "", command: str = "") -> Judgement:
    """Return that we could not look."""
    return Judgement(State.UNKNOWN, observed, remedy, command)


def counts(diagnosis: Diagnosis, mode: Mode) -> bool:
    """Return whether the mode needs this."""
    return Need(mode) in diagnosis.needed_for


def summary(diagnoses: Iterable[Diagnosis], mode: Mode) -> ExitCode:
    """Return the code for a mode: passed, failed (something it needs is lacking), or unknown."""
    states = {diagnosis.state for diagnosis in diagnoses if counts(diagnosis, mode)}
    if State.LACKING in states:
        return ExitCode.FAILED
    return ExitCode.UNKNOWN if State.UNKNOWN in states else ExitCode.PASSED
