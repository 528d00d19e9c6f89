"""What toasts tell is not lost with them: a screen has it whole, to be read and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desk_world import seated, until
from textual.widgets import Static

from workshop_tui.guide import Guide
from workshop_tui.tui.notification_log import KEPT, NotificationLog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.pilot import Pilot

    from workshop_tui.session import Session
    from workshop_tui.workshop import Step

KEY = "0123456789abcdef0123456789abcdef"


async def messages(pilot: Pilot[int]) -> str:
    await until(pilot, lambda: getattr(pilot.app.screen, "title_text", "") == "Messages")
    return str(pilot.app.screen.query_one("#details-text", Static).content)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_the_gate_said_is_read_again_whole_and_copied(
    session: Session, size: tuple[int, int]
) -> None:
    async with seated(session, size) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: pilot.app._notifications)
        await pilot.press("m")
        told = await messages(pilot)
        assert "The gate is shut" in told
        assert "Root cause: Nobody is signed in on this machine (step 1)." in told
        await pilot.press("m")
        assert len(pilot.app.screen_stack) == 3, "one such screen is enough"
        await pilot.press("y")
        assert pilot.app.clipboard == told


async def test_a_click_on_a_toast_that_tells_of_trouble_opens_it(session: Session) -> None:
    async with seated(session, (120, 40)) as pilot:
        pilot.app.notify("[/] it broke [bold]", severity="error", markup=False)
        await until(pilot, lambda: pilot.app.screen.query("Toast"))
        await pilot.pause()
        await pilot.click("Toast")
        assert "[/] it broke [bold]" in await messages(pilot)


async def test_a_fault_of_ours_has_its_details_without_secrets(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def snapshot(_self: Guide, _step: Step) -> Mapping[str, str]:
        api_key = KEY
        raise RuntimeError(f"snapshot failed with api-key: {api_key}")

    async with seated(session, (80, 24)) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: pilot.app.screen.query("#plan"))
        await until(pilot, lambda: "Light" in str(pilot.app.screen.query_one("#plan", Static).content))
        await pilot.press("enter")
        await until(pilot, lambda: "first" in session.journal.last_step())
        monkeypatch.setattr(Guide, "snapshot", snapshot)
        await pilot.press("w")
        await until(
            pilot, lambda: any("m has the details" in each.message for each in pilot.app._notifications)
        )
        await pilot.press("m")
        told = await messages(pilot)
        assert "RuntimeError: snapshot failed" in told
        assert "in snapshot" in told
        assert KEY not in told


def test_the_oldest_is_forgotten_first_and_the_newest_told_first() -> None:
    told = NotificationLog()
    for number in range(KEPT + 5):
        told.note("information", "", f"message {number}.")
    lines = told.as_text().plain.splitlines()
    assert lines[1] == f"  message {KEPT + 4}."
    assert "  message 5." in lines
    assert "  message 4." not in lines


def test_what_a_cloud_said_is_shown_as_text() -> None:
    told = NotificationLog()
    told.note("error", "", "a\nb [bold]")
    assert told.as_text().plain.startswith("✘ ")
    assert "\n  a\n  b [bold]\n" in told.as_text().plain
