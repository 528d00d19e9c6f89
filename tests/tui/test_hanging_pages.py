"""Pages over a world that hangs: what is waited for is told, keys are answered, leaving is not waited for."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from desk_world import seated, until
from textual.widgets import OptionList, Static

from workshop_tui.doctor.diagnosis import Diagnosis, State
from workshop_tui.settings import Settings
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.clean_up import CleanUp
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.screens.drills_page import DrillsPage
from workshop_tui.tui.screens.first_run import FirstRun
from workshop_tui.tui.screens.opening import Opening
from workshop_tui.tui.screens.summary import Summary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hanging_world import HangingLamps
    from lamp_world import Lamps
    from textual.pilot import Pilot


LEAVING_SECONDS = 5
"""Generous for a loaded machine; `scripts/benchmark` measures it."""


class HangingDoctor:
    """A doctor who says nothing until `goes_on` is set, and then `says`, or fails with `fault`."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.asked = 0
        self.ended = 0
        self.fault: Exception | None = None

    async def diagnose(self, *_: object, **__: object) -> AsyncIterator[Diagnosis]:
        self.asked += 1
        try:
            await self.goes_on.wait()
            if self.fault is not None:
                raise self.fault
            yield Diagnosis("tool", "The tool", (), State.LACKING, observed="not there", remedy="get it")
        finally:
            self.ended += 1


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> HangingDoctor:
    hanging = HangingDoctor()
    monkeypatch.setattr("workshop_tui.doctor.diagnose", hanging.diagnose)
    return hanging


def shown(pilot: Pilot[int], selector: str) -> str:
    found = pilot.app.screen.query(selector)
    return str(found.first(Static).content) if found else ""


async def leaves_at_once(pilot: Pilot[int]) -> None:
    started = time.process_time()
    async with asyncio.timeout(LEAVING_SECONDS * 6):
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app.return_code == 0)
    assert time.process_time() - started < LEAVING_SECONDS


def choices(pilot: Pilot[int]) -> str:
    target = pilot.app.screen.query_one("#target", OptionList)
    return "\n".join(str(option.prompt) for option in target.options)


async def test_first_run_while_the_doctor_hangs(tmp_path: Path, doctor: HangingDoctor) -> None:
    app = WorkshopApp(Settings(home=tmp_path))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: doctor.asked)
        assert choices(pilot).count("Looking at this machine …") == 2
        await pilot.press("d")
        await until(pilot, lambda: app._notifications)
        assert "Still looking" in next(iter(app._notifications)).message
        await pilot.press("down")
        assert app.screen.query_one("#target", OptionList).highlighted == 1
        doctor.goes_on.set()
        await until(pilot, lambda: "Looking" not in choices(pilot))
        await pilot.press("d")
        await until(pilot, lambda: "not there" in shown(pilot, "#details-text"))
        await leaves_at_once(pilot)


async def test_first_run_goes_on_though_the_doctor_hangs(
    tmp_path: Path, doctor: HangingDoctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = asyncio.Event()

    async def start(*_: object, **__: object) -> None:
        started.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("workshop_tui.tui.session_keeper.in_daemon_thread", start)
    app = WorkshopApp(Settings(home=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: doctor.asked)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Opening) and started.is_set())
        assert "Starting your practice cloud" in str(app.screen.query(Static).first().content)
        doctor.goes_on.set()
        await pilot.pause()
        assert isinstance(app.screen, Opening)
        await leaves_at_once(pilot)


async def test_first_run_where_the_doctor_fails(tmp_path: Path, doctor: HangingDoctor) -> None:
    doctor.fault = RuntimeError("[/] no doctor")
    app = WorkshopApp(Settings(home=tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: doctor.asked)
        doctor.goes_on.set()
        await until(pilot, lambda: "Looking" not in choices(pilot))
        assert isinstance(app.screen, FirstRun)
        await leaves_at_once(pilot)


async def test_the_doctor_hangs_over_the_desk(slow: HangingLamps, doctor: HangingDoctor) -> None:
    async with seated(slow.session) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        desk.action_doctor()
        await until(pilot, lambda: "Looking at this machine" in shown(pilot, "#details-text"))
        await until(pilot, lambda: doctor.asked)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is desk and doctor.ended)
        await pilot.press("question_mark")
        doctor.goes_on.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, Details))
        assert "not there" not in shown(pilot, "#details-text")
        await pilot.press("escape")
        doctor.goes_on.clear()
        desk.action_doctor()
        await until(pilot, lambda: doctor.asked == 2)
        await leaves_at_once(pilot)


async def test_the_summary_and_the_clean_up_wait_in_words(slow: HangingLamps) -> None:
    async with seated(slow.session) as pilot:
        desk = pilot.app.screen
        slow.hang()
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, Summary))
        assert "Looking at everything once more" in shown(pilot, "#summary")
        await pilot.press("s")
        await until(pilot, lambda: pilot.app._notifications)
        assert "nothing to save yet" in next(iter(pilot.app._notifications)).message
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is desk)
        slow.go_on()
        await pilot.pause()
        assert pilot.app.screen is desk
        slow.fault = RuntimeError("[/red] away")
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, Summary))
        await until(pilot, lambda: "Looking" not in shown(pilot, "#summary"))
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, CleanUp))
        await until(pilot, lambda: "Looking" not in shown(pilot, "#clean-up"))
        await leaves_at_once(pilot)


@pytest.mark.parametrize("key", ["u", "x"])
async def test_leaving_a_page_that_waits(slow: HangingLamps, lamps: Lamps, key: str) -> None:
    async with seated(slow.session) as pilot:
        slow.hang()
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, Summary))
        if key == "x":
            await pilot.press("x")
            await until(pilot, lambda: isinstance(pilot.app.screen, CleanUp))
        await leaves_at_once(pilot)
    assert not lamps.lit


async def test_a_drill_that_hangs_is_left_and_does_not_come_back(
    slow: HangingLamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, begun = asyncio.Event(), 0

    async def start(*_: object) -> AsyncIterator[str]:
        nonlocal begun
        begun += 1
        yield "Looking whether everything is right."
        await goes_on.wait()
        yield "Too late."

    monkeypatch.setattr("workshop_tui.drilling.start", start)
    async with seated(slow.session) as pilot:
        desk = pilot.app.screen
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, DrillsPage))
        await pilot.press("enter")
        await until(pilot, lambda: "everything is right" in shown(pilot, "#drill-told"))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is desk)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, DrillsPage))
        goes_on.set()
        await pilot.pause()
        assert "Too late" not in shown(pilot, "#drill-told")
        goes_on.clear()
        await pilot.press("enter")
        await until(pilot, lambda: begun == 2)
        await leaves_at_once(pilot)
