"""What an action tells while it works, and what a reset would undo."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from workshop_tui.model import Evidence


@dataclass(frozen=True, slots=True)
class Change:
    """One change to the world, in words and as the command it equals. Announced before it is made.

    `difference` is what an edit does to a file: the lines of a unified diff.
    """

    what: str
    command: str = ""
    difference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """The change that comes next."""

    change: Change


@dataclass(frozen=True, slots=True)
class Applied:
    """The change has been made, or was so already (`already`)."""

    change: Change
    already: bool = False


@dataclass(frozen=True, slots=True)
class Working:
    """Something to look at while it lasts.

    `fraction` is 0 to 1 where it is known. What has an `item` (a layer, a pod) is about that one; several
    may be under way at once. Its newest words take the place of those before, and at 1 it is done.
    """

    text: str
    fraction: float | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Evidence for the journal, of what leaves no trace in the world."""

    evidence: Evidence


Progress = Planned | Applied | Working | Noted
"""What an action yields."""


@dataclass(frozen=True, slots=True)
class Undo:
    """One thing that a reset would undo: listed by a dry run, called otherwise. Safe to call twice."""

    change: Change
    do: Callable[[], Awaitable[None]] = field(repr=False)


class ActionError(Exception):
    """An action could not go on, for a reason a learner can do something about.

    Attributes:
        what: what was being tried, and what happened.
        remedy: what to do next.

    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
