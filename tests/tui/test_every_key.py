"""Every key that footer, help and boxes name does what they say: none is shadowed, and no mouse is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from choosing_world import Azure, asked, said
from desk_world import until
from gallery_world import at_the_desk
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.keys import DESK_KEYS
from workshop_tui.tui.keys import NAMES as NAMES_TOLD
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.screens.first_run import FirstRun
from workshop_tui.tui.screens.help import Help, takes_letters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.screen import Screen

    from workshop_tui.session import Session

KEPT_BY_EDITORS = re.compile(r"ctrl\+|alt\+|f\d+$")
NAMED = re.compile(r"(?:^|  | · )(\S+) ")
NAMES = {"Enter": "enter", "Esc": "escape", "Space": "space", "↑↓": "down"}


def named_keys() -> Iterator[tuple[str, str]]:
    """The desk's keys with what each does, from the one table of them."""
    for binding in DESK_KEYS:
        assert isinstance(binding, Binding)
        if binding.description:
            yield binding.key, binding.action


class Recorder:
    """Stands where keys become actions, and writes down which."""

    def __init__(self, pilot: Pilot[int], patch: pytest.MonkeyPatch) -> None:
        self.pilot, self.done = pilot, []  # type: tuple[Pilot[int], list[str]]
        patch.setattr(pilot.app, "run_action", self.note)

    async def note(self, action: Any, *_: object, **__: object) -> bool:
        self.done.append(action if isinstance(action, str) else action[1])
        return True

    async def press(self, key: str) -> list[str]:
        self.done.clear()
        await self.pilot.press(key)
        await self.pilot.pause()
        return list(self.done)


TOLD = re.compile(r"^  (\S+(?: \S+)*) {2,}", re.MULTILINE)
KNOWN_ANYWAY = {"PgUp", "PgDn"}


def keys_of(node: object) -> set[str]:
    """The keys that our own classes bind."""
    ours = [each for each in type(node).__mro__ if each.__module__.startswith("workshop_tui")]
    return {
        binding.key for each in ours for binding in Binding.make_bindings(each.__dict__.get("BINDINGS", ()))
    }


def bound(screen: Screen[object]) -> set[str]:
    """What can be pressed on a screen, by the names that help has for it, as far as it is ours."""
    ours = set()
    for key, active in screen.active_bindings.items():
        letter = takes_letters(screen) and len(key) == 1
        if key in keys_of(active.node) and not letter:
            ours.add(NAMES_TOLD.get(key, key))
    return {name for name in ours - KNOWN_ANYWAY if not KEPT_BY_EDITORS.match(name)}


async def help_of(pilot: Pilot[int]) -> set[str]:
    """Press ?, and return the keys that help names: all that are bound there, and no others."""
    screen = pilot.app.screen
    keys = bound(screen)
    await pilot.press("question_mark")
    await until(pilot, lambda: isinstance(pilot.app.screen, Help) and pilot.app.screen is not screen)
    page = pilot.app.screen
    assert isinstance(page, Help)
    before_signs = page._text.plain.partition("Signs\n")[0]
    told = {name for names in TOLD.findall(before_signs) for name in names.split()}
    await pilot.press("question_mark")
    await until(pilot, lambda: pilot.app.screen is screen)
    assert told - {"↑", "↓", "Enter", "letters"} == keys - {"↑", "↓", "Enter"}
    return told


async def test_the_desks_help_tells_its_keys_and_those_of_its_footer(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (120, 40)) as pilot:
        told = await help_of(pilot)
        assert {"a", "c", "n", "?", ":", "m", ",", "Q", "Tab", "Esc"} <= told
        assert footer(pilot) <= told


def footer(pilot: Pilot[int]) -> set[str]:
    return {key.key_display for key in pilot.app.screen.query_one(Footer).query(FooterKey)}


async def test_the_first_question_tells_its_keys(at_the_garden: Session) -> None:
    app = WorkshopApp(at_the_garden.settings)
    async with app.run_test(size=(80, 24)) as pilot:
        # The list has the keys, and its own with them, once the screen has been laid out.
        await until(pilot, lambda: isinstance(app.screen, FirstRun) and app.screen.focused is not None)
        await until(pilot, lambda: app.screen.query(FooterKey))
        assert await help_of(pilot) >= footer(pilot) == {"d", "m", "?", ":", "Q"}
        await pilot.press("m")
        await until(pilot, lambda: getattr(app.screen, "title_text", "") == "Messages")


async def test_where_names_are_found_by_typing_letters_are_no_keys(
    at_the_garden: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure = Azure(tmp_path, at_the_garden)
    monkeypatch.setattr("workshop_tui.session.open_inventory", azure.world.open)
    async with azure.started() as pilot:
        await asked(pilot, "Which subscription?")
        await until(pilot, lambda: footer(pilot) == {"Esc", "?", ":"})
        assert await help_of(pilot) == {"Esc", "?", ":", "↑", "↓", "Enter", "letters"}
        await pilot.press("m")
        assert "“m”: 0 of 2" in said(pilot, "filter")


async def test_where_there_are_no_names_messages_are_a_key_away(
    at_the_garden: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure = Azure(tmp_path, at_the_garden)
    azure.world.problem = "nobody is signed in"
    monkeypatch.setattr("workshop_tui.session.open_inventory", azure.world.open)
    async with azure.started() as pilot:
        await until(pilot, lambda: said(pilot, "problem"))
        await until(pilot, lambda: "m" in footer(pilot))
        assert {"m", "?", ":", "Q", "Esc"} <= await help_of(pilot)
        await pilot.press("m")
        await until(pilot, lambda: getattr(pilot.app.screen, "title_text", "") == "Messages")


async def test_the_desks_keys_do_what_they_say_wherever_one_has_turned(
    at_the_garden: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_desk(at_the_garden, (80, 24)) as pilot:
        for part in ("read", "steps", "check"):
            with monkeypatch.context() as patch:
                recorder = Recorder(pilot, patch)
                for key, action in named_keys():
                    assert await recorder.press(key) == [action], f"{key} while at {part}"
            await pilot.press("tab")


async def test_nothing_needs_a_key_that_editors_keep(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (80, 24)) as pilot:
        by_action: dict[str, list[str]] = {}
        for key, active in pilot.app.screen.active_bindings.items():
            action = active.binding.action.removeprefix("app.")
            by_action.setdefault({"command_palette": "commands"}.get(action, action), []).append(key)
        # Textual's own for text that was selected with the mouse, and what a shell knows by Ctrl alone.
        known = {"suspend_process", "copy_text", "screen.copy_text", "help_quit"}
        kept = {name for name, keys in by_action.items() if all(KEPT_BY_EDITORS.match(key) for key in keys)}
        assert kept <= known


@pytest.mark.parametrize("key", ["question_mark", "e", "t", "u", "l", "comma", "D", "a", "w", "m"])
async def test_the_keys_that_a_box_names_are_there(at_the_garden: Session, key: str) -> None:
    async with at_the_desk(at_the_garden, (80, 24)) as pilot:
        await pilot.press(key)
        if key == "w":
            return  # there is nothing to show yet: it says so
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog) and pilot.app.screen.query(".dialog"))
        await pilot.pause()
        box = pilot.app.screen.query_one(".dialog")
        named = NAMED.findall(f"  {Content.from_markup(box.border_subtitle or '').plain}")
        assert "Esc" in named
        there = pilot.app.screen.active_bindings
        for name in named:
            assert NAMES.get(name, name) in there, f"{name} of {box.border_subtitle}"
        if key == "question_mark":
            return  # ? closes it again
        told = await help_of(pilot)
        assert {"?", ":", "m", "Q", "Esc"} <= told
        assert {NAMES_TOLD.get(name, name) for name in named} <= told | {"↑↓"}
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
