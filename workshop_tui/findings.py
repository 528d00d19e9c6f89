"""The words of judgement: verdicts, scopes and findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from workshop_tui.causes import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Verdict(StrEnum):
    """How a check came out. Only `PASSED` opens a gate."""

    PASSED = "passed"
    FAILED = "failed"
    """The learner must act."""
    PENDING = "pending"
    """Becomes true by itself; the finding says until when."""
    UNKNOWN = "unknown"
    """We could not look; the finding says why."""


class Scope(StrEnum):
    """Where a check looks."""

    WORKSTATION = "workstation"
    AZURE = "azure"
    CLUSTER = "cluster"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        verdict: the judgement.
        observed: what is, in one line a learner can read; never a secret.
        expected: what should be, where that helps; same form as `observed` so that they can be compared.
        cause: code in the catalogue of causes; None if and only if the check passed.
        remedy: what to do, in words.
        command: the remedy as a command that can be pasted, with the learner's own values; may be empty.
        until: for `PENDING`, when it should be true by; None where nobody can say.

    """

    verdict: Verdict
    observed: str
    expected: str = ""
    cause: str | None = None
    remedy: str = ""
    command: str = ""
    until: datetime | None = None


def passed(observed: str) -> Finding:
    """Return a finding that it is as it should be."""
    return Finding(Verdict.PASSED, observed)


def failed(cause: str, observed: str, *, expected: str = "", remedy: str = "", command: str = "") -> Finding:
    """Return a finding that the learner must act on; the remedy defaults to the catalogue's.

    Raises:
        KeyError: the cause is not in the catalogue.

    """
    return Finding(Verdict.FAILED, observed, expected, cause, remedy or CATALOGUE[cause].remedy, command)


def pending(
    cause: str,
    observed: str,
    *,
    until: datetime | None,
    expected: str = "",
    remedy: str = "",
    command: str = "",
) -> Finding:
    """Return a finding that time will mend.

    Raises:
        KeyError: the cause is not in the catalogue.

    """
    remedy = remedy or CATALOGUE[cause].remedy
    return Finding(Verdict.PENDING, observed, expected, cause, remedy, command, until)


def unknown(cause: str, observed: str, *, remedy: str = "", command: str = "") -> Finding:
    """Return a finding that we could not look.

    Raises:
        KeyError: the cause is not in the catalogue.

    """
    return Finding(Verdict.UNKNOWN, observed, "", cause, remedy or CATALOGUE[cause].remedy, command)


def summarise(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of the whole: failed before unknown before pending before passed.

    Nothing judged at all is `UNKNOWN`: an empty list never passes.
    """
    seen = set(verdicts)
    for verdict in (Verdict.FAILED, Verdict.UNKNOWN, Verdict.PENDING, Verdict.PASSED):
        if verdict in seen:
            return verdict
    return Verdict.UNKNOWN
