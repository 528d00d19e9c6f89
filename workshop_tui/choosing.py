"""Which names the workshop uses on Azure: what is decided already, what must be read, what must be asked.

Nothing here reads or asks: `next_move` says what comes next; `Choosing` goes on until the learner is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workshop_tui.causes import CATALOGUE
from workshop_tui.model import CHAT_KINDS
from workshop_tui.model.inventory import Inventory, Need

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workshop_tui.model import Unreadable
    from workshop_tui.model.inventory import Holdings, Subscription

TITLES = {
    "subscription_id": "Which subscription?",
    "resource_group": "Which resource group holds your cluster and your Azure OpenAI account?",
    "cluster": "Which AKS cluster?",
    "account": "Which Azure OpenAI account?",
    "model_deployment": "Which deployment of a chat model?",
}
"""The names in the order they are asked in, each within the one before, with the question for it."""
QUICKSTART = "https://learn.microsoft.com/azure/aks/open-ai-quickstart"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to choose: `value` is what is kept; `detail` and `note` stand beside its title.

    `usual` marks the one to begin at where nothing is set.
    """

    value: str
    title: str
    detail: str
    note: str = ""
    id: str = ""
    usual: bool = False


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
class DeadEnd:
    """There is nothing to choose from: why, and the way out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The names, all of them decided; one that Azure has nothing for is empty."""

    names: Mapping[str, str]


Move = Question | DeadEnd | Chosen


def is_complete(given: Mapping[str, str]) -> bool:
    """Say whether all names are set, so that nothing has to be read or asked."""
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
        found = _candidates(name, inventory, picked)
        if not isinstance(found, tuple):
            return found
        before = given.get(name, "") if same else ""
        choice = _decide(name, found, before, answers.get(name, ""), again=again)
        if isinstance(choice, Question):
            return choice
        names[name] = choice.value if choice else before
        if choice:
            picked[name] = choice
        same = same and (not given.get(name) or _alike(given[name], names[name]))
    return Chosen(names)


def _decide(
    name: str, found: tuple[Candidate, ...], before: str, answer: str, *, again: bool
) -> Candidate | Question | None:
    """Return the one that is meant, the question which it is, or None where there is none to choose."""
    if not found:
        return None
    answered = next((each for each in found if _alike(each.value, answer)), None)
    if answered:
        return answered
    known = next((each for each in found if _alike(each.value, before)), None)
    if known and not again:
        return known
    lost = before if before and not known else ""
    if len(found) == 1 and (again or not lost):
        return found[0]
    problem = f"{lost}, which is set, is not among what your sign-in sees here." if lost else ""
    return Question(name, found, known.value if known else _usual(found), problem)


def _usual(found: tuple[Candidate, ...]) -> str:
    return next((each.value for each in found if each.usual), found[0].value)


def _alike(one: str, other: str) -> bool:
    return one.lower() == other.lower()  # Azure's names ignore case


def _candidates(
    name: str, inventory: Inventory, picked: Mapping[str, Candidate]
) -> tuple[Candidate, ...] | Need | DeadEnd:
    if name == "subscription_id":
        return _subscriptions(inventory)
    subscriptions = inventory.subscriptions or ()
    subscription = next(each for each in subscriptions if each.id == picked["subscription_id"].value)
    holdings = inventory.holdings.get(subscription.id.lower())
    if holdings is None:
        says = f"Looking for AKS clusters and Azure OpenAI accounts in {subscription.name}"
        return Need("holdings", says, subscription)
    if name == "resource_group":
        return _groups(subscription, holdings)
    group = picked["resource_group"]
    match name:
        case "cluster":
            return tuple(
                Candidate(each.name, each.name, each.location)
                for each in holdings.clusters
                if _alike(each.group, group.value)
            )
        case "account":
            return _accounts(inventory, holdings, subscription, group)
        case _:
            return _deployments(inventory, subscription, picked.get("account"))


def _subscriptions(inventory: Inventory) -> tuple[Candidate, ...] | Need | DeadEnd:
    found = inventory.subscriptions
    if found is None:
        return Need("subscriptions", "Listing your subscriptions")
    if not found:
        return DeadEnd(
            "Your sign-in sees no subscription. Sign in as somebody who has one (az login), or ask for the"
            " Reader role on one."
        )
    several = len({each.tenant_id for each in found}) > 1
    return tuple(
        Candidate(
            each.id,
            each.name or each.id,
            f"{each.tenant} · {each.id}" if several else each.id,
            _note(each),
            usual=each.default,
        )
        for each in sorted(found, key=lambda each: (each.state != "Enabled", each.name.lower()))
    )


def _note(subscription: Subscription) -> str:
    if subscription.state != "Enabled":
        return f"its state is {subscription.state}"
    return "the one az uses now" if subscription.default else ""


def _groups(subscription: Subscription, holdings: Holdings) -> tuple[Candidate, ...] | DeadEnd:
    rows = []
    for group in holdings.groups:
        clusters = sum(_alike(each.group, group.name) for each in holdings.clusters)
        accounts = sum(
            _alike(each.group, group.name) and each.kind.lower() in CHAT_KINDS for each in holdings.accounts
        )
        if not clusters and not accounts:
            continue
        lack = "no AKS cluster" if not clusters else "no Azure OpenAI account" if not accounts else ""
        row = Candidate(group.name, group.name, group.location, lack, group.id)
        rows.append((bool(lack), group.name.lower(), row))
    if rows:
        return tuple(row for *_, row in sorted(rows, key=lambda each: each[:2]))
    return DeadEnd(
        f"{subscription.name} has no AKS cluster and no Azure OpenAI account that you may see. Choose another"
        f" subscription, ask for the Reader role, or make both first: {QUICKSTART}"
    )


def _accounts(
    inventory: Inventory, holdings: Holdings, subscription: Subscription, group: Candidate
) -> tuple[Candidate, ...] | Need:
    if not any(_alike(each.group, group.value) and _talks(each.kind) for each in holdings.accounts):
        return ()
    found = inventory.accounts.get(group.id.lower())
    if found is None:
        says = f"Looking at the Azure OpenAI accounts of {group.title}"
        return Need("accounts", says, subscription, group.value, group.id)
    return tuple(
        Candidate(
            each.name,
            each.name,
            f"{each.location} · {each.kind}",
            "" if each.custom_subdomain else "no custom subdomain yet: it takes keys alone, no sign-in",
            each.id,
        )
        for each in found
        if _talks(each.kind)
    )


def _talks(kind: str) -> bool:
    return kind.lower() in CHAT_KINDS


def _deployments(
    inventory: Inventory, subscription: Subscription, account: Candidate | None
) -> tuple[Candidate, ...] | Need:
    if account is None:
        return ()
    found = inventory.deployments.get(account.id.lower())
    if found is None:
        says = f"Looking for chat models in {account.title}"
        return Need("deployments", says, subscription, account.value, account.id)
    return tuple(
        Candidate(
            each.name,
            each.name,
            each.model,
            "" if each.state in {"Succeeded", ""} else f"its state is {each.state}",
        )
        for each in found
    )


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
        """Forget the last answer; say whether there was one."""
        if self.answers:
            self.answers.popitem()
        else:
            return False
        return True

    def look_again(self) -> None:
        """Forget what was read: the world may have changed."""
        self._inventory = Inventory()
