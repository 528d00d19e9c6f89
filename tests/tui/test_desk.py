"""The desk's flows, on the workshop about lamps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from desk_world import act, finding, seated, until, verdict
from textual.widgets import Static

from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.steps_list import StepsList

if TYPE_CHECKING:
    from lamp_world import Lamps

    from workshop_tui.session import Session

SIZES = [(80, 24), (120, 15), (120, 40), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_at_the_first_step_and_says_what_is_wrong(
    session: Session, size: tuple[int, int]
) -> None:
    async with seated(session, size) as pilot:
        assert "failed" in verdict(pilot)
        assert "Nobody is signed in on this machine: [bold]dark[/]" in verdict(pilot)


async def test_text_from_outside_is_shown_as_text(session: Session) -> None:
    async with seated(session) as pilot:
        assert "[bold]dark[/]" in finding(pilot)


async def test_the_gate_stays_shut_until_the_step_has_passed(session: Session) -> None:
    async with seated(session) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: pilot.app._notifications)
        assert "opens when" in next(iter(pilot.app._notifications)).message
        assert session.journal.last_step() == "first-lamp"


async def test_an_action_is_told_and_opens_the_gate(session: Session, lamps: Lamps) -> None:
    async with seated(session) as pilot:
        await act(pilot)
        await until(pilot, lambda: "passed" in verdict(pilot))
        told = "\n".join(strip.text for strip in pilot.app.screen.query_one(Activity).story.lines)
        assert "press first" in told
        assert lamps.lit == {"first": "on"}
        await pilot.press("n")
        await until(pilot, lambda: session.journal.last_step() == "second-lamp")


async def test_what_passed_once_and_is_broken_looks_other_than_what_was_never_done(
    session: Session, lamps: Lamps
) -> None:
    session.journal.write("opened", "first-lamp")
    lamps.lit["first"] = "on"
    async with seated(session) as pilot:
        steps = pilot.app.screen.query_one(StepsList)

        def second() -> str:
            return str(steps.get_option_at_index(1).prompt)

        await until(pilot, lambda: second().startswith("○"))
        session.journal.note_passed("second-lamp")
        await pilot.press("c")
        await until(pilot, lambda: second().startswith("✘"))


async def test_what_is_done_by_hand_is_seen_without_a_press(session: Session, lamps: Lamps) -> None:
    async with seated(session) as pilot:
        lamps.lit["first"] = "on"
        await until(pilot, lambda: "passed" in verdict(pilot))


async def test_escape_stops_an_action_and_nothing_is_half_done(session: Session, lamps: Lamps) -> None:
    lamps.hold = asyncio.Event()
    async with seated(session) as pilot:
        await act(pilot)
        await until(pilot, lambda: next(iter(session.journal.entries("action-started")), None))
        await pilot.press("escape")
        await until(pilot, lambda: next(iter(session.journal.entries("action-stopped")), None))
        assert lamps.lit == {}
        lamps.hold = None
        await act(pilot)
        await until(pilot, lambda: lamps.lit == {"first": "on"})


async def test_it_comes_back_to_the_same_step(session: Session, lamps: Lamps) -> None:
    lamps.lit["first"] = "on"
    session.journal.write("opened", "second-lamp")
    async with seated(session) as pilot:
        assert "second lamp" in finding(pilot)
        steps = pilot.app.screen.query_one(StepsList)
        await until(pilot, lambda: "✔" in str(steps.get_option_at_index(0).prompt))


async def test_hints_come_one_at_a_time(session: Session) -> None:
    async with seated(session) as pilot:
        hints = pilot.app.screen.query_one("#hints", Static)
        await pilot.press("h")
        assert "switch" in str(hints.content)
        assert "Press it" not in str(hints.content)
        await pilot.press("h")
        assert "Press it" in str(hints.content)


async def test_the_page_has_the_learners_own_values(session: Session) -> None:
    async with seated(session) as pilot:
        page = pilot.app.screen.query_one("#markdown")
        await until(pilot, lambda: "lampGroup" in getattr(page, "source", ""))


async def test_the_first_choice_is_asked_for_where_there_is_none(session: Session) -> None:
    app = WorkshopApp(session.settings)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.screen.query_one("#target")
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def test_a_fault_is_told_in_a_sentence_without_what_was_in_memory(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        api_key = "0123456789abcdef0123456789abcdef"
        raise RuntimeError(f"a fault with {len(api_key)} secrets")

    async def sit_through_it() -> None:
        async with seated(session) as pilot:
            pilot.app.call_later(fail)
            await pilot.pause()

    with pytest.raises(RuntimeError):
        await sit_through_it()
    told = capsys.readouterr()
    assert "fault of ours" in told.err + told.out
    assert "0123456789abcdef" not in told.err + told.out
