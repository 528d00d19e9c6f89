"""The screens that the desk's keys do not lead through one after the other, as text at all sizes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from choosing_world import Azure, asked, said
from desk_world import until
from gallery_world import Gallery, at_the_desk
from textual.command import CommandList, CommandPalette
from textual.widgets import OptionList

from workshop_tui.drills import load_drill, load_drills
from workshop_tui.drills.store import DrillStore
from workshop_tui.guide import Guide
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.drills_page import DrillsPage
from workshop_tui.tui.screens.log_view import LogView
from workshop_tui.tui.widgets.too_small import LEAST_COLUMNS, LEAST_ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from workshop_tui.session import Session

SIZES = [(80, 24), (120, 15), (120, 40), (200, 60), (LEAST_COLUMNS, LEAST_ROWS)]
DRILLS = {"bare-pods", "nobody-answers", "two-cooks", "after-the-merger", "back-from-holiday"}
"""A few, so that a new one changes no picture."""
LOG = """\
INFO:     Started server process [1]
INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)
azure.core.exceptions.ClientAuthenticationError: AADSTS700213: No matching federated identity \
record found for presented assertion subject 'system:serviceaccount:default:default'.
INFO:     10.224.0.4:41712 - "POST /generate/description HTTP/1.1" 500 Internal Server Error
"""


async def back(pilot: Pilot[int]) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(pilot.app.screen, Desk))


@pytest.mark.parametrize("size", SIZES)
async def test_the_choice_of_names(
    at_the_garden: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    azure = Azure(tmp_path, at_the_garden)
    monkeypatch.setattr("workshop_tui.session.open_inventory", azure.world.open)
    async with azure.started(size) as pilot:
        gallery = Gallery(pilot)
        await asked(pilot, "Which subscription?")
        await gallery.hang("names")
        await pilot.press("t", "e")
        await gallery.hang("names-found")
        await pilot.press("enter")
        await asked(pilot, "Which resource group")
        azure.world.problem = "[bold]nobody[/] is signed in"
        await pilot.press("enter")
        await until(pilot, lambda: "Which AKS" in said(pilot) or said(pilot, "problem"))
        await gallery.hang("names-next")


@pytest.mark.parametrize("size", SIZES)
async def test_no_names_to_choose_from(
    at_the_garden: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    azure = Azure(tmp_path, at_the_garden)
    azure.world.problem = "nobody is signed in"
    monkeypatch.setattr("workshop_tui.session.open_inventory", azure.world.open)
    async with azure.started(size) as pilot:
        await until(pilot, lambda: said(pilot, "problem"))
        await Gallery(pilot).hang("names-ways-out")


@pytest.mark.parametrize("size", SIZES)
async def test_the_palette_and_what_was_told(at_the_garden: Session, size: tuple[int, int]) -> None:
    async with at_the_desk(at_the_garden, size, toasts=True) as pilot:
        gallery, app = Gallery(pilot), pilot.app
        await pilot.press("m")
        await until(pilot, lambda: app.screen.query(".dialog"))
        await gallery.hang("messages-none")
        await back(pilot)
        await pilot.press("n")
        await until(pilot, lambda: app._notifications)
        await gallery.hang("desk-gate")
        app.clear_notifications()
        await until(pilot, lambda: not app.screen.query("Toast"))
        await pilot.press("m")
        await until(pilot, lambda: app.screen.query(".dialog"))
        await gallery.hang("messages")
        await back(pilot)
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count > 5)
        await gallery.hang("palette")
        await pilot.press(*"step")
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count < 10)
        await gallery.hang("palette-found")


@pytest.mark.parametrize("size", SIZES)
async def test_the_drills(
    at_the_garden: Session, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    some = tuple(each for each in load_drills() if each.id in DRILLS)
    monkeypatch.setattr("workshop_tui.tui.screens.drills_page.load_drills", lambda: some)
    async with at_the_desk(at_the_garden, size) as pilot:
        gallery, store, app = Gallery(pilot), DrillStore(at_the_garden.settings.home), pilot.app
        store.note_solved("nobody-answers")
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DrillsPage))
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count > 1)
        await gallery.hang("drills")
        await back(pilot)
        store.begin(load_drill("bare-pods").id)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DrillsPage))
        await pilot.press("h")
        await gallery.hang("drill-runs")


@pytest.mark.parametrize("size", SIZES)
async def test_the_logs(
    at_the_garden: Session, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async def app_log(_: Guide) -> tuple[str, str]:
        await asyncio.sleep(0)
        return "The app's log: pod ai-service-7b4c8bf7d8-x665r", LOG

    monkeypatch.setattr(Guide, "app_log", app_log)
    async with at_the_desk(at_the_garden, size) as pilot:
        gallery = Gallery(pilot)
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogView))
        await gallery.hang("log-app")
        await pilot.press("o")
        await gallery.hang("log-tool")
