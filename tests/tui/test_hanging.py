"""A world that hangs, fails or answers late: no screen freezes, and nothing lands where it is not wanted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from desk_world import act, seated, until, verdict
from textual.widgets import RichLog, Static

from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.screens.log_view import LogView
from workshop_tui.tui.screens.plan_card import PlanCard
from workshop_tui.tui.widgets.activity import Activity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest
    from hanging_world import HangingLamps
    from lamp_world import Lamps
    from textual.pilot import Pilot


def shown(pilot: Pilot[int], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).content)


async def test_a_gate_that_answers_late_moves_nobody_who_has_gone_elsewhere(
    slow: HangingLamps, lamps: Lamps
) -> None:
    async with seated(slow.session) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        lamps.lit["first"] = "on"
        slow.hang()
        await pilot.press("n")
        await slow.is_asked(pilot)
        assert "Asking the gate" in verdict(pilot)
        await desk.open(desk.open_step)
        slow.go_on()
        await until(pilot, lambda: "passed" in verdict(pilot))
        assert desk.open_step.id == "first-lamp"
        await pilot.press("n")
        await until(pilot, lambda: desk.open_step.id == "second-lamp")


async def test_a_gate_that_answers_late_does_not_move_an_action_on(slow: HangingLamps, lamps: Lamps) -> None:
    async with seated(slow.session) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        await pilot.press("a")
        await until(
            pilot, lambda: isinstance(pilot.app.screen, PlanCard) and "Light" in shown(pilot, "#plan")
        )
        slow.hang()
        desk.run_worker(desk.action_next())
        await slow.is_asked(pilot)
        lamps.hold = asyncio.Event()
        await pilot.press("enter")
        await until(pilot, lambda: desk.query_one(Activity).is_running)
        lamps.lit["first"] = "on"
        slow.go_on()
        await pilot.pause()
        lamps.hold.set()
        await until(pilot, lambda: not desk.query_one(Activity).is_running)
        assert desk.open_step.id == "first-lamp"


async def test_what_changed_opens_at_once_and_is_filled_where_it_is_still_open(slow: HangingLamps) -> None:
    async with seated(slow.session) as pilot:
        await act(pilot)
        await until(pilot, lambda: "passed" in verdict(pilot))
        slow.hang()
        await pilot.press("w")
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        assert "Looking" in shown(pilot, "#details-text")
        await pilot.press("escape")
        await pilot.press("question_mark")
        slow.go_on()
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        assert pilot.app.screen.query_one(".dialog").border_title == "Help"
        assert len(pilot.app.screen_stack) == 3
        await pilot.press("escape", "w")
        await until(pilot, lambda: "+  first: on" in shown(pilot, "#details-text"))


async def test_a_plan_that_never_comes_can_be_left_and_a_failed_one_says_so(
    slow: HangingLamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seated(slow.session) as pilot:
        slow.hang()
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanCard))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        slow.go_on()

        async def plan(*_: object) -> None:
            raise RuntimeError("[/] no plan")

        monkeypatch.setattr(slow.session.guide, "plan", plan)
        await pilot.press("a")
        await until(
            pilot, lambda: isinstance(pilot.app.screen, PlanCard) and "fault" in shown(pilot, "#plan")
        )


async def test_a_log_that_cannot_be_read_says_so_and_is_read_again(
    slow: HangingLamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workshop_tui.tui.screens.log_view.REFRESH_SECONDS", 0.01)
    asked = 0

    async def app_log() -> tuple[str, str]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise RuntimeError("[/red] the cluster is away")
        return "A log", "at last"

    monkeypatch.setattr(slow.session.guide, "app_log", app_log)
    async with seated(slow.session) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogView) and asked > 1)
        log = pilot.app.screen.query_one(RichLog)
        await until(pilot, lambda: any("at last" in line.text for line in log.lines))


async def test_a_shell_opens_with_what_is_known_where_the_world_hangs(
    slow: HangingLamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Mapping[str, str]] = []
    monkeypatch.setattr("workshop_tui.tui.shell.READ_SECONDS", 1)
    monkeypatch.setattr("workshop_tui.tui.shell.shell_environment", lambda _, values: values)
    monkeypatch.setattr(
        "workshop_tui.tui.shell.run_shell", lambda _, environment, __: opened.append(environment)
    )

    async def variables() -> Mapping[str, str]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(slow.session.guide, "variables", variables)
    async with seated(slow.session) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        await until(pilot, lambda: "RG_NAME" in desk.values)
        await pilot.press("s")
        await until(pilot, lambda: opened)
        assert opened[0]["RG_NAME"] == "lampGroup"


async def test_a_practice_cloud_that_has_gone_is_no_fault_of_the_shell(slow: HangingLamps) -> None:
    async with seated(slow.session) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: pilot.app._notifications)
        assert "practice start" in next(iter(pilot.app._notifications)).message
        assert "failed" in verdict(pilot)
