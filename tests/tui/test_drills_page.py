"""The drills' page over the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk_world import seated, until
from textual.widgets import OptionList, Static

from workshop_tui.drills import load_drill, load_drills
from workshop_tui.drills.keeping import Book
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.drills_page import DrillsPage

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from workshop_tui.session import Session


def told(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one("#drill-told", Static).content)


async def test_drills_are_listed_and_hints_come_one_by_one(session: Session) -> None:
    book = Book(session.settings.home)
    book.note_solved("nobody-answers")
    async with seated(session) as pilot:
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, DrillsPage))
        rows = pilot.app.screen.query_one(OptionList)
        await until(pilot, lambda: rows.option_count == len(load_drills()))
        assert str(rows.get_option("nobody-answers").prompt).startswith("✔ easy")
        assert str(rows.get_option("two-cooks").prompt).startswith("  hard")
        await pilot.press("h")
        await until(pilot, lambda: "No drill is running" in told(pilot))

        drill = load_drill("bare-pods")
        book.begin(drill.id)
        for number, hint in enumerate(drill.hints[:2], 1):
            await pilot.press("h")
            await until(pilot, lambda n=number: f"Hint {n} of 3" in told(pilot))
            assert hint in told(pilot)
        await pilot.press("r")
        await until(pilot, lambda: drill.fix in told(pilot))
        running = book.running()
        assert running is not None
        assert running.revealed
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
