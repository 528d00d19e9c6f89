"""Every screen at four sizes, as text: what is cut, covered or out of place is seen in the difference.

`WORKSHOP_TUI_SNAPSHOTS=renew pytest tests/tui/test_snapshots.py` keeps the screens as they are now; look at
the difference in `tests/tui/snapshots/` before committing it. With `WORKSHOP_TUI_PICTURES=<a folder>` they
are kept there as SVG pictures, too, to look at their colours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from desk_world import until, verdict
from gallery_world import (
    Gallery,
    at_the_desk,
)

from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.clean_up import CleanUp
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.screens.first_run import FirstRun
from workshop_tui.tui.screens.plan_card import PlanCard
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.too_small import LEAST_COLUMNS, LEAST_ROWS

if TYPE_CHECKING:
    from lamp_world import Lamps

    from workshop_tui.session import Session

SIZES = [(80, 24), (120, 15), (120, 40), (200, 60), (LEAST_COLUMNS, LEAST_ROWS)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_run(at_the_garden: Session, size: tuple[int, int]) -> None:
    app = WorkshopApp(at_the_garden.settings)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRun) and not app.screen._looking)
        gallery = Gallery(pilot)
        await gallery.hang("first-run")
        await pilot.press("d")
        await gallery.hang("first-run-doctor")


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_read(at_the_garden: Session, size: tuple[int, int]) -> None:
    async with at_the_desk(at_the_garden, size) as pilot:
        gallery = Gallery(pilot)
        await gallery.hang("desk-read")
        await pilot.press("tab")
        await gallery.hang("desk-steps")
        await pilot.press("tab")
        await gallery.hang("desk-check")
        await pilot.press("tab", "h", "h")
        await gallery.hang("desk-hints")
        for key, name in (
            ("question_mark", "help"),
            ("e", "explain"),
            ("t", "chain"),
            ("l", "log"),
            ("comma", "settings"),
        ):
            await pilot.press(key)
            await gallery.hang(name)
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, Desk))


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_done(at_the_garden: Session, lamps: Lamps, size: tuple[int, int]) -> None:
    lamps.hold = asyncio.Event()
    async with at_the_desk(at_the_garden, size) as pilot:
        gallery, app = Gallery(pilot), pilot.app
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, PlanCard))
        await gallery.hang("plan")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Desk) and app.screen.query_one(Activity).is_running)
        await gallery.hang("desk-busy")
        lamps.hold.set()
        await until(pilot, lambda: "passed" in verdict(pilot))
        await gallery.hang("desk-done")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, Details))
        await gallery.hang("what-changed")
        await pilot.press("escape", "u")
        await until(pilot, lambda: app.screen.query("#summary"))
        await gallery.hang("summary")
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, CleanUp))
        await gallery.hang("clean-up")


async def test_a_terminal_that_is_too_small(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (60, 10)) as pilot:
        await Gallery(pilot).hang("too-small")
