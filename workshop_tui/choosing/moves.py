"""What comes next in choosing the names: something to read, a question, a dead end, or all of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.choosing.candidates import Candidate, DeadEnd, alike, candidates_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.model.inventory import Inventory, Need

TITLES = {
    "subscription_id": "Which subscription?",
    "resource_group": "Which resource group holds your cluster and your Azure OpenAI account?",
    "cluster": "Which AKS cluster?",
    "account": "Which Azure OpenAI account?",
    "model_deployment": "Which deployment of a chat model?",
}
"""The names in the order they are asked in, each within the one before, with the question for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What only the learner can decide. `present` is the value to begin at; `problem` is why it is asked."""

    name: str
    candidates: tuple[Candidate, ...]
    present: str = ""
    problem: str = ""

    @property
    def title(self) -> str:
        """The question itself."""
        return TITLES[self.name]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The names, all of them decided; one that Azure has nothing for is empty."""

    names: Mapping[str, str]


Move = Question | DeadEnd | Chosen
"""What ends the reading: the learner is needed, nothing can be done, or all is decided."""


def is_complete(given: Mapping[str, str]) -> bool:
    """Return whether all names are set, so that nothing has to be read or asked."""
    return all(given.get(name) for name in TITLES)


def next_move(
    inventory: Inventory, given: Mapping[str, str], answers: Mapping[str, str], *, again: bool = False
) -> Need | Move:
    """Return what comes next.

    `given` is what is set already, `answers` what the learner has said since. A name that is set and found,
    or that has only one candidate, is not asked for; `again` asks for whatever has more than one.
    """
    picked: dict[str, Candidate] = {}
    names: dict[str, str] = {}
    same = True  # whether all so far is as given: only then does what is given further in mean anything
    for name in TITLES:
        found = candidates_for(name, inventory, picked)
        if not isinstance(found, tuple):
            return found
        before = given.get(name, "") if same else ""
        choice = _decide(name, found, before, answers.get(name, ""), again=again)
        if isinstance(choice, Question):
            return choice
        names[name] = choice.value if choice else before
        if choice:
            picked[name] = choice
        same = same and (not given.get(name) or alike(given[name], names[name]))
    return Chosen(names)


def _decide(
    name: str, found: tuple[Candidate, ...], before: str, answer: str, *, again: bool
) -> Candidate | Question | None:
    """Return the one that is meant, the question which it is, or None where there is none to choose."""
    if not found:
        return None
    answered = next((each for each in found if alike(each.value, answer)), None)
    if answered:
        return answered
    known = next((each for each in found if alike(each.value, before)), None)
    if known and not again:
        return known
    lost = before if before and not known else ""
    if len(found) == 1 and (again or not lost):
        return found[0]
    problem = f"{lost}, which is set, is not among what your sign-in sees here." if lost else ""
    return Question(name, found, known.value if known else _usual(found), problem)


def _usual(found: tuple[Candidate, ...]) -> str:
    return next((each.value for each in found if each.usual), found[0].value)
