"""The drills' page over the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk_world import seated, until
from textual.widgets import OptionList, Static

from workshop_tui.drills import load_drill, load_drills
from workshop_tui.drills.store import DrillStore
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.drills_page import DrillsPage

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from workshop_tui.session import Session


def told(pilot: Pilot[int]) -> str:
    screen = pilot.app.screen
    return "\n".join(
        str(screen.query_one(part, Static).content) for part in ("#drill-symptom", "#drill-told")
    )


async def opened(pilot: Pilot[int]) -> DrillsPage:
    await pilot.press("D")
    await until(pilot, lambda: isinstance(pilot.app.screen, DrillsPage))
    page = pilot.app.screen
    assert isinstance(page, DrillsPage)
    return page


async def test_the_list_shows_what_is_solved_and_tells_the_symptom_under_the_cursor(session: Session) -> None:
    DrillStore(session.settings.home).note_solved("nobody-answers")
    async with seated(session) as pilot:
        page = await opened(pilot)
        rows = page.query_one(OptionList)
        await until(pilot, lambda: rows.option_count == len(load_drills()))
        assert str(rows.get_option("nobody-answers").prompt).startswith("✔ easy")
        assert str(rows.get_option("two-cooks").prompt).startswith("  hard")
        assert f"1 of {len(load_drills())} solved" in str(page.query_one(".dialog").border_title)
        await until(pilot, lambda: load_drills()[0].symptom.strip() in told(pilot))
        await pilot.press("down")
        await until(pilot, lambda: load_drills()[1].symptom.strip() in told(pilot))
        await pilot.press("h")
        await until(pilot, lambda: "No drill is running" in told(pilot))


async def test_while_one_runs_its_symptom_and_the_hints_given_stay_in_sight(session: Session) -> None:
    store, drill = DrillStore(session.settings.home), load_drill("bare-pods")
    store.begin(drill.id)
    async with seated(session) as pilot:
        page = await opened(pilot)
        assert not page.query_one(OptionList).display
        await until(pilot, lambda: drill.symptom.strip() in told(pilot))
        for number, hint in enumerate(drill.hints[:2], 1):
            await pilot.press("h")
            await until(pilot, lambda n=number: f"Hint {n} of 3" in told(pilot))
            assert hint in told(pilot)
        assert drill.hints[0] in told(pilot)
        assert drill.hints[2] not in told(pilot)
        await pilot.press("r")
        await until(pilot, lambda: drill.fix in told(pilot))
        running = store.running()
        assert running is not None
        assert running.revealed
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
