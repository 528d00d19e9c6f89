"""What is no longer on the screen takes no memory: an hour at the desk opens many pages."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from desk_world import seated, until
from textual._styles_cache import StylesCache
from textual.widget import Widget

from workshop_tui.tui.screens.desk import Desk

if TYPE_CHECKING:
    from workshop_tui.session import Session


def assert_stores_are_of_widgets() -> None:
    gc.collect()
    things = gc.get_objects()
    stores = sum(isinstance(thing, StylesCache) for thing in things)
    widgets = sum(isinstance(thing, Widget) for thing in things)
    assert stores <= widgets + 10, "each widget has its own store; a few are those of what was shown last"


async def test_what_pages_before_have_drawn_is_let_go(session: Session) -> None:
    async with seated(session) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        for step in desk.session.workshop.steps * 10:
            await desk.open(step)
            await pilot.pause()
        assert_stores_are_of_widgets()


async def test_what_was_over_the_desk_is_let_go(session: Session) -> None:
    async with seated(session) as pilot:
        for _ in range(10):
            await pilot.press("question_mark")
            await until(pilot, lambda: not isinstance(pilot.app.screen, Desk))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        await pilot.pause()
        assert_stores_are_of_widgets()
