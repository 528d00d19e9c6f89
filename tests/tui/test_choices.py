"""The cursor of a list is seen without colours, and only where the keys go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk_world import seated
from textual.widgets import OptionList

from workshop_tui.tui.widgets.choices import CURSOR

if TYPE_CHECKING:
    from workshop_tui.session import Session


def drawn(rows: OptionList) -> list[str]:
    return [rows.render_line(y).text for y in range(rows.size.height)]


async def test_the_cursors_sign_goes_with_the_keys(session: Session) -> None:
    async with seated(session) as pilot:
        steps = pilot.app.screen.query_one("#steps", OptionList)
        assert CURSOR not in "".join(drawn(steps))
        steps.focus()
        await pilot.pause()
        assert drawn(steps)[0].startswith(CURSOR)
        await pilot.press("down")
        (line,) = [line for line in drawn(steps) if line.startswith(CURSOR)]
        assert " 2 " in line
        await pilot.press("k")
        (line,) = [line for line in drawn(steps) if line.startswith(CURSOR)]
        assert " 1 " in line, "j and k move in lists, as they scroll pages"
