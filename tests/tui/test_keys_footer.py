"""The line of keys keeps none of those that it showed before: an hour is made of hundreds of screens."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

from desk_world import until
from gallery_world import at_the_desk
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from workshop_tui.session import Session


async def test_keys_that_are_shown_no_more_are_let_go(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (120, 40)) as pilot:
        await until(pilot, lambda: pilot.app.screen.query(FooterKey))
        before = [weakref.ref(key) for key in pilot.app.screen.query(FooterKey)]
        await pilot.press("?")
        await pilot.press("escape")

        def kept() -> int:
            gc.collect()
            return sum(key() is not None for key in before)

        await until(pilot, lambda: kept() == 0)
        assert pilot.app.screen.query(FooterKey)
