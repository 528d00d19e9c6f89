"""The terminal becomes another while one works in it: nothing is lost, and the keys stay where they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from desk_world import until, verdict
from gallery_world import at_the_desk, screen_text
from textual.widgets import OptionList

from workshop_tui.tui.screens.chain_view import ChainView
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.page_view import PageView

if TYPE_CHECKING:
    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

SIZES = [(80, 24), (60, 10), (120, 15), (200, 60), (120, 40)]


async def resize(pilot: Pilot[int], size: tuple[int, int]) -> None:
    await pilot.resize_terminal(*size)
    await until(pilot, lambda: pilot.app.screen.size == size)
    await pilot.pause()


async def test_in_the_middle_of_a_dialog(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (120, 40)) as pilot:
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChainView) and pilot.app.focused)
        await pilot.press("home", "down")
        links = pilot.app.screen.query_one(OptionList)
        for size in SIZES:
            await resize(pilot, size)
            assert pilot.app.focused is links
            assert links.highlighted == 1
            told = screen_text(pilot.app)
            assert ("Nothing is lost" in told) == (size == (60, 10))
        await resize(pilot, (80, 24))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        assert pilot.app.screen.has_class("-narrow"), "the desk below has noticed, too"


async def test_in_the_middle_of_an_action(at_the_garden: Session, lamps: Lamps) -> None:
    lamps.hold = asyncio.Event()
    async with at_the_desk(at_the_garden, (200, 60)) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: "Enter do it" in screen_text(pilot.app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        activity = pilot.app.screen.query_one(Activity)
        await until(pilot, lambda: "on its way" in story(activity))
        for size in SIZES:
            await resize(pilot, size)
            await until(pilot, lambda: "needs to be carried there." in story(activity))
            assert "--announce-to house" in story(activity)
            if size != (60, 10):
                assert activity.is_running
                assert max(len(line.rstrip()) for line in lines(activity)) <= activity.story.size.width
        lamps.hold.set()
        await until(pilot, lambda: "passed" in verdict(pilot))
        assert "Done" in story(activity)


def lines(activity: Activity) -> list[str]:
    return [strip.text for strip in activity.story.lines]


def story(activity: Activity) -> str:
    return " ".join(" ".join(lines(activity)).split())


async def test_in_the_middle_of_a_page(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (80, 24)) as pilot:
        page = pilot.app.screen.query_one(PageView)
        await pilot.press("h", "h")
        await until(pilot, lambda: page.scroll_y > 0)
        for size in ((70, 14), (80, 24)):
            await resize(pilot, size)
            assert page.scroll_y > 0, "one does not begin to read anew"
            assert "Hint 2 of 2" in screen_text(pilot.app)
