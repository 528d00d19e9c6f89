"""Every key that footer, help and boxes name does what they say: none is shadowed, and no mouse is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from desk_world import until
from gallery_world import at_the_desk
from textual.binding import Binding

from workshop_tui.tui.keys import DESK_KEYS
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

    from workshop_tui.session import Session

KEPT_BY_EDITORS = re.compile(r"ctrl\+|alt\+|f\d+$")
NAMED = re.compile(r"(?:^|  | · )(\S+) ")
NAMES = {"Enter": "enter", "Esc": "escape", "Space": "space", "↑↓": "down"}


def named_keys() -> Iterator[tuple[str, str]]:
    """The desk's keys with what each does, from the one table of them."""
    for binding in DESK_KEYS:
        assert isinstance(binding, Binding)
        if binding.tooltip:
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
        named = NAMED.findall(f"  {box.border_subtitle}")
        assert "Esc" in named
        there = pilot.app.screen.active_bindings
        for name in named:
            assert NAMES.get(name, name) in there, f"{name} of {box.border_subtitle}"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
