"""The app with its desk open, and the hands of somebody who sits at it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual.widgets import Static

from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.messages import SessionOpened
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.plan_card import PlanCard
from workshop_tui.tui.widgets.findings_panel import FindingRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from workshop_tui.session import Session


@asynccontextmanager
async def seated(session: Session, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[int]]:
    """The app with its desk open on the session."""
    app = WorkshopApp(session.settings)
    async with app.run_test(size=size, notifications=True) as pilot:
        app.post_message(SessionOpened(session))
        await until(pilot, lambda: isinstance(app.screen, Desk) and "Looking" not in verdict(pilot))
        yield pilot


def verdict(pilot: Pilot[int]) -> str:
    return (
        str(pilot.app.screen_stack[-1].query_one("#verdict", Static).content)
        if isinstance(pilot.app.screen, Desk)
        else "Looking"
    )


async def until(pilot: Pilot[int], holds: object) -> None:
    assert callable(holds)
    async with asyncio.timeout(30):
        while not holds():
            await pilot.pause()


async def act(pilot: Pilot[int]) -> None:
    """Ask for the action's card, read it, and say yes."""
    await pilot.press("a")
    await until(pilot, lambda: isinstance(pilot.app.screen, PlanCard) and "Light the" in plan(pilot))
    await pilot.press("enter")


def plan(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one("#plan", Static).content)


def finding(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one(FindingRow).content)
