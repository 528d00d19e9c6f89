"""Which names are decided, which must be asked for, and in what order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inventory_world import COURSE, LAB, LAB_NAMES, SPARE, TEACHING, WHOLE, World, listed

from workshop_tui.choosing import Choosing, Chosen, DeadEnd, Question, explain, is_complete, next_move
from workshop_tui.model import Unreadable
from workshop_tui.model.inventory import Holdings, Inventory, Need, Subscription

ONE = replace(WHOLE, subscriptions=(LAB,))
IN_COURSE = {"subscription_id": TEACHING.id, "resource_group": "course"}


def test_where_all_have_one_candidate_nothing_is_asked() -> None:
    assert next_move(ONE, {}, {}) == Chosen(LAB_NAMES)
    assert next_move(ONE, {}, {}, again=True) == Chosen(LAB_NAMES)


@pytest.mark.parametrize(
    ("given", "asked", "offered"),
    [
        ({}, "subscription_id", ["Lab", "Teaching"]),
        ({"subscription_id": TEACHING.id}, "resource_group", ["course", "spare"]),
        (IN_COURSE, "cluster", ["blue", "green"]),
        ({**IN_COURSE, "resource_group": "COURSE", "cluster": "BLUE"}, "account", ["both", "models"]),
        ({**IN_COURSE, "cluster": "blue", "account": "models"}, "model_deployment", ["chat", "small"]),
    ],
)
def test_what_is_set_and_found_is_not_asked_for(
    given: dict[str, str], asked: str, offered: list[str]
) -> None:
    move = next_move(WHOLE, given, {})
    assert isinstance(move, Question)
    assert (move.name, move.problem) == (asked, "")
    assert [each.title for each in move.candidates] == offered


def test_what_is_set_and_not_found_is_asked_for_even_if_there_is_one_other() -> None:
    move = next_move(ONE, {"cluster": "gone"}, {})
    assert isinstance(move, Question)
    assert (move.name, [each.value for each in move.candidates]) == ("cluster", ["labAKS"])
    assert move.problem.startswith("gone, which is set, is not")


def test_what_was_set_for_another_group_means_nothing_in_this_one() -> None:
    given = {**IN_COURSE, "cluster": "blue", "account": "models", "model_deployment": "chat"}
    assert next_move(WHOLE, given, {}) == Chosen(given)
    answers = {"subscription_id": LAB.id}
    assert next_move(WHOLE, given, answers, again=True) == Chosen(LAB_NAMES)


def test_asked_again_it_begins_at_what_is_set() -> None:
    move = next_move(WHOLE, LAB_NAMES, {}, again=True)
    assert isinstance(move, Question)
    assert (move.name, move.present) == ("subscription_id", LAB.id)
    move = next_move(WHOLE, {**IN_COURSE, "cluster": "green"}, IN_COURSE, again=True)
    assert isinstance(move, Question)
    assert (move.name, move.present) == ("cluster", "green")


def test_it_begins_at_the_subscription_that_az_uses() -> None:
    move = next_move(WHOLE, {}, {})
    assert isinstance(move, Question)
    assert move.present == LAB.id
    assert [each.detail for each in move.candidates] == [f"Contoso · {LAB.id}", f"School · {TEACHING.id}"]


def test_what_a_candidate_lacks_is_told() -> None:
    groups = next_move(WHOLE, {"subscription_id": TEACHING.id}, {})
    assert isinstance(groups, Question)
    assert [each.note for each in groups.candidates] == ["", "no Azure OpenAI account"]
    accounts = next_move(WHOLE, {**IN_COURSE, "cluster": "blue"}, {})
    assert isinstance(accounts, Question)
    assert "no custom subdomain" in accounts.candidates[0].note
    assert accounts.candidates[0].detail == "eastus · AIServices"
    off = replace(ONE, subscriptions=(LAB, Subscription("o", "Off", state="Disabled")))
    subscriptions = next_move(off, {}, {})
    assert isinstance(subscriptions, Question)
    assert subscriptions.candidates[-1].note == "its state is Disabled"


def test_what_azure_has_nothing_for_stays_as_it_is_set_or_empty() -> None:
    given = {"subscription_id": TEACHING.id, "resource_group": "spare"}
    assert next_move(WHOLE, given, {}) == Chosen(
        {**given, "cluster": "old", "account": "", "model_deployment": ""}
    )
    later = next_move(WHOLE, {**given, "account": "later"}, {})
    assert isinstance(later, Chosen)
    assert later.names["account"] == "later"


@pytest.mark.parametrize(
    ("inventory", "said"),
    [
        (Inventory(subscriptions=()), "az login"),
        (replace(ONE, holdings={LAB.id: Holdings((), (), ())}), "Lab has no AKS cluster and no Azure OpenAI"),
        (
            replace(ONE, holdings={LAB.id: Holdings((SPARE,), (), (listed(SPARE, "s", "SpeechServices"),))}),
            "Reader role",
        ),
    ],
)
def test_where_there_is_nothing_the_way_out_is_told(inventory: Inventory, said: str) -> None:
    move = next_move(inventory, {}, {})
    assert isinstance(move, DeadEnd)
    assert said in move.reason


async def test_only_what_comes_next_is_read() -> None:
    world, told = World(), list[str]()
    choosing = Choosing(world, {})
    move = await choosing.go_on(told.append)
    assert isinstance(move, Question)
    assert world.reads == ["subscriptions"]
    choosing.answer(move, TEACHING.id)
    move = await choosing.go_on(told.append)
    assert isinstance(move, Question)
    assert move.name == "resource_group"
    assert choosing.back()
    move = await choosing.go_on(told.append)
    assert isinstance(move, Question)
    choosing.answer(move, LAB.id)
    assert await choosing.go_on(told.append) == Chosen(LAB_NAMES)
    assert world.reads == ["subscriptions", "holdings", "accounts", "deployments"]
    assert told[1] == "Looking for AKS clusters and Azure OpenAI accounts in Teaching"
    assert choosing.back()
    assert not choosing.back()


def test_a_group_without_accounts_is_not_asked_for_them() -> None:
    bare = replace(WHOLE, accounts={}, deployments={})
    spare = {"subscription_id": TEACHING.id, "resource_group": "spare"}
    assert isinstance(next_move(bare, spare, {}), Chosen)
    need = next_move(bare, {**IN_COURSE, "cluster": "blue"}, {})
    assert isinstance(need, Need)
    assert (need.what, need.name, need.id) == ("accounts", "course", COURSE.id)


def test_complete_is_what_needs_no_look() -> None:
    assert is_complete(LAB_NAMES)
    assert not is_complete({**LAB_NAMES, "cluster": ""})


def test_a_failure_is_told_with_its_way_out() -> None:
    told = explain(Unreadable("your sign-in", "nobody is signed in", "reading.not-signed-in"))
    assert told.startswith("Your sign-in: nobody is signed in. Sign in with az login")
