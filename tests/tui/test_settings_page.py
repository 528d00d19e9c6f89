"""The settings over the desk: changed by keys, kept at once, in force when one goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk_world import seated, until
from gallery_world import have_colours
from textual.command import CommandList, CommandPalette
from textual.widgets import OptionList

from workshop_tui.saved_settings import read_saved
from workshop_tui.settings import load_settings
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.first_run import FirstRun
from workshop_tui.tui.screens.settings_page import SettingsPage

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot

    from workshop_tui.session import Session
    from workshop_tui.settings import Settings


async def opened(pilot: Pilot[int]) -> OptionList:
    await pilot.press("comma")
    await until(pilot, lambda: isinstance(pilot.app.screen, SettingsPage) and pilot.app.focused)
    return pilot.app.screen.query_one(OptionList)


async def test_enter_turns_to_the_next_value_and_going_back_puts_it_in_force(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force: list[Settings] = []
    async with seated(session, (80, 24)) as pilot:
        monkeypatch.setattr(WorkshopApp, "_open", lambda _, settings: in_force.append(settings))
        rows = await opened(pilot)
        assert [option.id for option in rows.options] == ["theme", "target", "builder", "source_from"]
        await pilot.press("down", "down", "enter", "enter")
        await until(pilot, lambda: "embedded" in str(rows.get_option("builder").prompt))
        assert read_saved(session.settings.home)["builder"] == "embedded"
        await pilot.press("escape")
        await until(pilot, lambda: in_force)
    assert [settings.builder for settings in in_force] == ["embedded"]


async def test_what_the_environment_overrules_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_TUI_SOURCE_FROM", "starter")
    async with seated(session) as pilot:
        await opened(pilot)
        await pilot.press("end", "enter")
        await until(pilot, lambda: any("SOURCE_FROM" in each.message for each in pilot.app._notifications))


async def test_the_theme_is_chosen_from_a_list_and_remembered(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_colours(monkeypatch)
    async with seated(session) as pilot:
        rows = await opened(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"nord")
        found = pilot.app.screen.query_one(CommandList)
        await until(pilot, lambda: found.option_count == 1 and found.highlighted == 0)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.theme == "nord" and isinstance(pilot.app.screen, SettingsPage))
        await until(pilot, lambda: "nord" in str(rows.get_option("theme").prompt))
        assert load_settings({"WORKSHOP_TUI_HOME": str(session.settings.home)}).theme == "nord"


async def test_where_one_works_is_asked_again_and_esc_leaves_it_as_it_is(session: Session) -> None:
    async with seated(session) as pilot:
        assert isinstance(pilot.app, WorkshopApp)
        pilot.app.sessions.session = session
        await opened(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FirstRun))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        await opened(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FirstRun))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        assert len(pilot.app.screen_stack) == 2
