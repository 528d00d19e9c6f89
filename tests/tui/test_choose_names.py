"""Choosing the names to work under on Azure: from lists, there and back, remembered, and changed later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from choosing_world import Azure, asked, highlighted, offered, said
from desk_world import until
from inventory_world import LAB, LAB_NAMES, TEACHING
from textual.command import CommandList, CommandPalette

from workshop_tui.saved_settings import save
from workshop_tui.tui import shell
from workshop_tui.tui.messages import OtherNamesWanted
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.first_run import FirstRun

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from workshop_tui.session import Session


@pytest.fixture
def azure(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Azure:
    world = Azure(tmp_path, session)
    monkeypatch.setattr("workshop_tui.session.open_inventory", world.world.open)
    monkeypatch.setattr("workshop_tui.session.open_session", world.open_session)
    return world


async def seated(pilot: Pilot[int]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, Desk))


async def test_each_name_is_picked_from_a_list_and_remembered(azure: Azure) -> None:
    async with azure.started() as pilot:
        await asked(pilot, "Which subscription?")
        assert highlighted(pilot).startswith("Lab")
        await pilot.press("down", "enter")
        await asked(pilot, "Which resource group")
        assert [row.split()[0] for row in offered(pilot)] == ["course", "spare"]
        assert "(no Azure OpenAI account)" in offered(pilot)[1]
        await pilot.press("enter")
        await asked(pilot, "Which AKS cluster?")
        await pilot.press("down", "enter")
        await asked(pilot, "Which Azure OpenAI account?")
        assert [row.split()[0] for row in offered(pilot)] == ["both", "models"], "not Speech"
        await pilot.press("down", "enter")
        await asked(pilot, "Which deployment")
        await pilot.press("enter")
        await seated(pilot)
    chosen = {
        "subscription_id": TEACHING.id,
        "resource_group": "course",
        "cluster": "green",
        "account": "models",
        "model_deployment": "chat",
    }
    assert azure.opened == [chosen]
    assert azure.settings().names == chosen
    azure.world.reads.clear()
    async with azure.started() as pilot:
        await seated(pilot)
    assert azure.opened[1:] == [chosen]
    assert azure.world.reads == [], "the next start asks nobody"


async def test_where_all_is_clear_nothing_is_asked(azure: Azure) -> None:
    save(azure.home, {"subscription_id": LAB.id}, "azure")
    async with azure.started() as pilot:
        await seated(pilot)
    assert azure.opened == [LAB_NAMES]


async def test_escape_goes_back_one_question_and_then_to_the_first_choice(azure: Azure) -> None:
    async with azure.started() as pilot:
        await asked(pilot, "Which subscription?")
        await pilot.press("down", "enter")
        await asked(pilot, "Which resource group")
        await pilot.press("escape")
        await asked(pilot, "Which subscription?")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, FirstRun))
        await pilot.press("down", "enter")
        await asked(pilot, "Which subscription?")
    assert azure.opened == []


async def test_typing_finds_and_escape_shows_all_again(azure: Azure) -> None:
    async with azure.started() as pilot:
        await asked(pilot, "Which subscription?")
        await pilot.press("t", "E", "a")
        assert [row.split()[0] for row in offered(pilot)] == ["Teaching"]
        assert "“tEa”: 1 of 2" in said(pilot, "filter")
        await pilot.press("x")
        assert offered(pilot) == []
        await pilot.press("enter", "escape")
        assert len(offered(pilot)) == 2
        await pilot.press("t", "e", "enter")
        await asked(pilot, "Which resource group")


async def test_what_is_waited_for_is_told_and_quitting_does_not_wait(azure: Azure) -> None:
    azure.world.hold = asyncio.Event()
    async with azure.started() as pilot:
        await asked(pilot, "Listing your subscriptions …")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, FirstRun))
        await pilot.press("down", "enter")
        await asked(pilot, "Listing your subscriptions …")
        async with asyncio.timeout(5):
            await pilot.press("ctrl+q")
    assert pilot.app.return_code == 0


async def test_a_failure_is_a_sentence_with_ways_out(azure: Azure) -> None:
    azure.world.problem = "[bold]nobody[/] is signed in"
    async with azure.started() as pilot:
        await until(pilot, lambda: "az login" in said(pilot, "problem"))
        assert "[bold]nobody[/] is signed in. Sign in with az login" in said(pilot, "problem")
        azure.world.problem = ""
        await pilot.press("enter")  # look again
        await asked(pilot, "Which subscription?")
        assert not pilot.app.screen.query_one("#names-problem").display


async def test_one_can_go_on_without_choosing(azure: Azure) -> None:
    azure.world.problem = "no network"
    async with azure.started() as pilot:
        await until(pilot, lambda: "no network" in said(pilot, "problem"))
        await pilot.press("down", "down", "enter")
        await seated(pilot)
    assert azure.opened == [{}]


async def test_after_a_shell_to_sign_in_it_looks_again(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.world.problem = "nobody is signed in"
    greetings: list[str] = []

    def sign_in(_app: object, _environment: object, greeting: str) -> None:
        greetings.append(greeting)
        azure.world.problem = ""

    monkeypatch.setattr(shell, "run_shell", sign_in)
    async with azure.started() as pilot:
        await until(pilot, lambda: "az login" in said(pilot, "problem"))
        await pilot.press("down", "enter")
        await asked(pilot, "Which subscription?")
    assert "az login" in greetings[0]


async def ask_for_other_names(pilot: Pilot[int]) -> None:
    """Find the command in the palette."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.press(*"other names")
    found = pilot.app.screen.query_one(CommandList)
    await until(pilot, lambda: found.option_count == 1)
    await pilot.press("enter")
    await asked(pilot, "Which subscription?")


async def test_other_names_are_chosen_from_the_desk(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    save(azure.home, LAB_NAMES, "azure")
    monkeypatch.setenv("RG_NAME", "labs")
    async with azure.started((120, 40)) as pilot:
        await seated(pilot)
        before = pilot.app.screen
        await ask_for_other_names(pilot)
        assert highlighted(pilot).startswith("Lab")
        await pilot.press("enter")  # the same again
        await until(pilot, lambda: pilot.app.screen is before)
        assert len(azure.opened) == 1
        await ask_for_other_names(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is before)
        assert len(azure.opened) == 1
        await ask_for_other_names(pilot)
        await pilot.press("down", "enter")
        await asked(pilot, "Which resource group")
        await pilot.press("down", "enter")  # the one without an account: nothing more to ask
        await until(pilot, lambda: len(azure.opened) == 2)
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk) and pilot.app.screen is not before)
        told = [each.message for each in pilot.app._notifications]
        assert any("RG_NAME" in each for each in told), told
    spare = {"subscription_id": TEACHING.id, "resource_group": "spare", "cluster": "old"}
    assert azure.opened[1] == spare
    assert azure.settings().names == spare, "nothing is kept of the group before"


async def test_no_names_are_chosen_while_an_action_runs(azure: Azure) -> None:
    save(azure.home, LAB_NAMES, "azure")
    async with azure.started((120, 40)) as pilot:
        await seated(pilot)
        assert isinstance(pilot.app.screen, Desk)
        with pilot.app.screen.session.journal.acting("solving the first step"):
            pilot.app.post_message(OtherNamesWanted())
            await until(pilot, lambda: pilot.app._notifications)
        assert isinstance(pilot.app.screen, Desk)
        assert "Esc stops it" in next(iter(pilot.app._notifications)).message
