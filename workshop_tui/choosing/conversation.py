"""The way through the questions: reads until only the learner can decide, takes answers, goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from workshop_tui.causes import CATALOGUE
from workshop_tui.choosing.moves import next_move
from workshop_tui.model.inventory import Inventory, Need

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workshop_tui.choosing.moves import Move, Question
    from workshop_tui.model import Unreadable


def explain(found: Unreadable) -> str:
    """Return why something could not be read, and the way out, as sentences."""
    reason = f"{found.what[:1].upper()}{found.what[1:]}: {found.reason.rstrip('.')}."
    return f"{reason} {found.remedy or CATALOGUE[found.cause].remedy}"


class Reader(Protocol):
    """What can read more of the inventory."""

    async def read(self, need: Need, inventory: Inventory) -> Inventory:
        """Return the inventory with what was needed in it; raises `ReadFailure`."""


class Choosing:
    """One learner's way through the questions, there and back."""

    def __init__(self, reader: Reader, given: Mapping[str, str], *, again: bool = False) -> None:
        """Take what reads, what is set already, and whether to ask for that again."""
        self._reader = reader
        self._given = given
        self._again = again
        self._inventory = Inventory()
        self.answers: dict[str, str] = {}

    async def go_on(self, told: Callable[[str], None]) -> Move:
        """Read until something must be asked, or all is decided; `told` hears what is being waited for.

        Raises:
            ReadFailure: something could not be read; going on again tries it again.

        """
        while True:
            move = next_move(self._inventory, self._given, self.answers, again=self._again)
            if not isinstance(move, Need):
                return move
            told(move.says)
            self._inventory = await self._reader.read(move, self._inventory)

    def answer(self, question: Question, value: str) -> None:
        """Take the learner's answer."""
        self.answers[question.name] = value

    def back(self) -> bool:
        """Forget the last answer; return whether there was one."""
        if self.answers:
            self.answers.popitem()
        else:
            return False
        return True

    def look_again(self) -> None:
        """Forget what was read: the world may have changed."""
        self._inventory = Inventory()
