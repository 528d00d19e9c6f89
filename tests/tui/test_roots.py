"""The root of what is wrong stands first and loud; what only follows from it says so, quietly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desk_world import finding, seated, until, verdict
from textual.widgets import Static

from workshop_tui.tui.messages import Drifted
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.widgets import drift_watcher

if TYPE_CHECKING:
    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

FOLLOWS = "follows from “Nobody is signed in on this machine” (step 1)"


@pytest.fixture
def at_second_step(session: Session) -> Session:
    """The second lamp is dark because the first one is."""
    session.journal.write("opened", "second-lamp")
    return session


async def until_it_follows(pilot: Pilot[int]) -> None:
    await until(pilot, lambda: FOLLOWS in verdict(pilot))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_only_follows_from_another_step_says_so(
    at_second_step: Session, lamps: Lamps, size: tuple[int, int]
) -> None:
    async with seated(at_second_step, size) as pilot:
        await until_it_follows(pilot)
        assert FOLLOWS in finding(pilot)
        assert "press second" not in finding(pilot), "the way out is the root's"
        lamps.lit["first"] = "on"
        await pilot.press("c")
        await until(pilot, lambda: "The account does not accept your token" in verdict(pilot))
        assert "press second" in finding(pilot)


async def test_an_explanation_begins_with_the_root_and_where_it_shows(at_second_step: Session) -> None:
    async with seated(at_second_step, (80, 24)) as pilot:
        await until_it_follows(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        told = str(pilot.app.screen.query_one("#details-text", Static).content)
        assert told.startswith("Root cause, in step 1 · Light the first lamp\n")
        assert "press first" in told
        assert "press second" not in told
        assert told.index("From that follows") < told.index("The second lamp is lit")
        await pilot.press("y", "escape")
        assert pilot.app.clipboard == "press first"


async def test_y_copies_what_mends_the_root(at_second_step: Session) -> None:
    async with seated(at_second_step) as pilot:
        await until_it_follows(pilot)
        await pilot.press("y")
        assert pilot.app.clipboard == "press first"


async def test_the_gate_names_the_root_and_its_step(session: Session) -> None:
    async with seated(session, (80, 24)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: pilot.app._notifications)
        said = next(iter(pilot.app._notifications)).message
        assert said.endswith("Root cause: Nobody is signed in on this machine (step 1).")
        assert isinstance(pilot.app.screen, Desk)


async def test_one_fault_that_opens_steps_again_is_told_once_and_by_its_root(
    session: Session, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_watcher, "DRIFT_SECONDS", 0.5)
    lamps.lit.update(first="on", second="on")
    async with seated(session, (120, 40)) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        await until(pilot, lambda: len(desk._verdicts) == 2)
        await pilot.press("c")
        lamps.lit.clear()
        await until(pilot, lambda: pilot.app._notifications)
        said = next(iter(pilot.app._notifications))
        assert said.title == "Step 2 · Light the second lamp is open again"
        assert "second lamp" not in said.message
        await pilot.press("c")
        await until(pilot, lambda: "failed" in verdict(pilot))
        desk.on_drifted(Drifted(list(session.workshop.steps), "told first"))
        both = "Steps 1 · Light the first lamp and 2 · Light the second lamp are open again"
        await until(pilot, lambda: both in told(pilot))
        root = "Root cause, step 1: Nobody is signed in on this machine."
        assert told(pilot)[both] == f"{root}\nIt was right before: something has changed it."


def told(pilot: Pilot[int]) -> dict[str, str]:
    """Return what toasts tell, by their titles."""
    return {said.title: said.message for said in pilot.app._notifications}
