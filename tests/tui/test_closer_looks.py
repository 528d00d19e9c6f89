"""What opens over the desk: the action's card, explanations, help, what changed, the palette."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from desk_world import act, seated, until, verdict
from textual.widgets import Static

from workshop_tui.authoring import Change, Undo
from workshop_tui.events import Outlook, Undone
from workshop_tui.tui.messages import Drifted, Happened
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.screens.plan_card import PlanCard

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session
    from workshop_tui.workshop import Step


def text(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one("#details-text", Static).content)


async def test_the_card_tells_the_plan_and_its_way_back_and_changes_nothing(
    session: Session, lamps: Lamps
) -> None:
    async with seated(session) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanCard))
        card = pilot.app.screen.query_one("#plan", Static)
        await until(pilot, lambda: "press first" in str(card.content))
        assert "Light the first lamp" in str(card.content)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        assert lamps.lit == {}


async def test_a_card_says_what_a_reset_would_undo(session: Session) -> None:
    async with seated(session) as pilot:
        await act(pilot)
        await until(pilot, lambda: "passed" in verdict(pilot))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanCard))
        card = pilot.app.screen.query_one("#plan", Static)
        await until(pilot, lambda: "Put out the first lamp" in str(card.content))


async def test_what_an_action_changed_is_shown_before_and_after(session: Session) -> None:
    async with seated(session) as pilot:
        await act(pilot)
        await until(pilot, lambda: "passed" in verdict(pilot))
        await pilot.press("w")
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        assert "+  first: on" in text(pilot)


async def test_an_explanation_has_cause_and_command(session: Session) -> None:
    async with seated(session) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        assert "press first" in text(pilot)
        assert "sign-in.missing" in text(pilot)


async def test_help_names_the_keys_and_the_signs(session: Session) -> None:
    async with seated(session, (80, 24)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        assert "Open the next step" in text(pilot)
        assert "could not be looked at" in text(pilot)


async def test_the_palette_opens_a_step_through_its_gate(session: Session, lamps: Lamps) -> None:
    lamps.lit["first"] = "on"
    async with seated(session) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"step 2")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: session.journal.last_step() == "second-lamp")


async def test_drift_is_told(session: Session) -> None:
    async with seated(session) as pilot:
        step = session.workshop.steps[1]
        pilot.app.screen.post_message(Drifted([step], "The second lamp is lit: dark"))
        await until(pilot, lambda: pilot.app._notifications)
        said = next(iter(pilot.app._notifications))
        assert "2 · Light the second lamp is open again" in said.title


async def test_an_image_that_is_about_to_go_is_told_once(session: Session) -> None:
    async with seated(session) as pilot:
        soon = datetime.now(UTC) + timedelta(minutes=5)
        for _ in range(2):
            pilot.app.screen.post_message(Happened(Outlook(image_until=soon)))
            await pilot.pause()
        await until(pilot, lambda: pilot.app._notifications)
        told = [each for each in pilot.app._notifications if "Your image" in each.message]
        assert len(told) == 1
        clock = str(pilot.app.screen.query_one("#head-clock", Static).content)
        assert clock.strip().startswith("image 4:5") or clock.strip() == "image 5:00"


async def test_y_gives_the_remedy_or_else_the_pages_commands(session: Session, lamps: Lamps) -> None:
    async with seated(session) as pilot:
        await pilot.press("y")
        assert pilot.app.clipboard == "press first"
        lamps.lit["first"] = "on"
        await pilot.press("c")
        await until(pilot, lambda: "passed" in verdict(pilot))
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.clipboard == "echo lampGroup")


async def test_the_summary_tells_what_is_proven_and_is_kept_as_files(session: Session, lamps: Lamps) -> None:
    lamps.lit.update(first="on", second="on")
    async with seated(session) as pilot:
        await pilot.press("u")
        await until(pilot, lambda: pilot.app.screen.query("#summary"))
        page = pilot.app.screen.query_one("#summary", Static)
        await until(pilot, lambda: "2 of 2 steps have passed" in str(page.content))
        await pilot.press("s")
        await until(pilot, lambda: len(list((session.settings.home / "reports").glob("lamps-*"))) == 2)
        (html,) = (session.settings.home / "reports").glob("*.html")
        assert "The first lamp is lit" in html.read_text("utf-8")


async def test_cleaning_up_lists_first_and_removes_on_ones_word(session: Session, lamps: Lamps) -> None:
    lamps.lit.update(first="on", second="on")
    async with seated(session) as pilot:
        await pilot.press("u")
        await until(pilot, lambda: pilot.app.screen.query("#summary"))
        await pilot.press("x")
        await until(pilot, lambda: pilot.app.screen.query("#clean-up"))
        listed = pilot.app.screen.query_one("#clean-up", Static)
        await until(pilot, lambda: "Put out the first lamp" in str(listed.content))
        await pilot.pause()
        assert len(lamps.lit) == 2
        await pilot.press("y")
        await until(pilot, lambda: lamps.lit == {})
        await until(pilot, lambda: "as it was" in str(listed.content))
        keys = pilot.app.screen.query_one(".dialog").border_subtitle
        assert "remove" not in str(keys), "what is removed is not offered once more"
        await pilot.press("escape")
        summary = pilot.app.screen.query_one("#summary", Static)
        await until(pilot, lambda: "0 of 2 steps have passed" in str(summary.content))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk) and "failed" in verdict(pilot))


async def test_a_clean_up_that_was_refused_is_not_told_as_done(
    session: Session, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamps.lit.update(first="on")

    async def reset(steps: Sequence[Step], *, dry_run: bool) -> AsyncGenerator[Undone, None]:
        undo = Undo(Change("Put out the first lamp"), lambda: asyncio.sleep(0))
        yield Undone(steps[0].id, undo, problem="" if dry_run else "The switch is stuck.")

    monkeypatch.setattr(session.guide, "reset", reset)
    async with seated(session) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        desk.action_clean_up()
        await until(pilot, lambda: pilot.app.screen.query("#clean-up"))
        listed = pilot.app.screen.query_one("#clean-up", Static)
        await until(pilot, lambda: "Put out" in str(listed.content))
        await pilot.pause()
        await pilot.press("y")
        await until(pilot, lambda: "The switch is stuck." in str(listed.content))
        await until(pilot, lambda: "Not all of it went" in str(listed.content))
        assert "Done" not in str(listed.content)


async def test_a_copy_says_what_it_is_and_the_pages_blocks_can_be_copied_whatever_is_wrong(
    session: Session,
) -> None:
    async with seated(session) as pilot:
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.clipboard)
        remedy = pilot.app.clipboard
        assert [note.title for note in pilot.app._notifications] == [
            "Sent to the clipboard: the way out (Y: the page's)"
        ]
        await pilot.press("Y")
        await until(pilot, lambda: pilot.app.clipboard != remedy)
        assert "Sent to the clipboard: the page's block 1 of 1" in {
            note.title for note in pilot.app._notifications
        }


@pytest.mark.parametrize("key", ["a", "e", "question_mark", "u", "w", "l"])
async def test_ctrl_q_leaves_from_wherever_one_is(session: Session, key: str) -> None:
    async with seated(session) as pilot:
        await pilot.press(key)
        await pilot.pause()
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app.return_code == 0)


async def test_the_help_bundle_is_packed_by_a_key(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with seated(session) as pilot:
        await pilot.press("B")
        async with asyncio.timeout(60):
            while not any("MANIFEST" in each.message for each in pilot.app._notifications):
                await pilot.pause(0.1)
    assert len(bundles(tmp_path)) == 1


def bundles(folder: Path) -> list[Path]:
    return list(folder.glob("workshop-tui-help-*.zip"))
