"""What an action has under way at once: a line for each layer and pod, and a story that stays calm."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from desk_world import act, seated, until, verdict

from workshop_tui.guide import Guide
from workshop_tui.model import Names
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.under_way import UnderWay
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

PUSH = """
from workshop_tui.authoring import Working

@action
async def push(hands: SourceChanges) -> AsyncIterator[Progress]:
    change = Change("Light the first lamp", "press first")
    yield Planned(change)
    yield Working("Step 1/2 : FROM python", 0.5)
    for number in range(6):
        yield Working(f"Layer {number}: waiting", None, f"layer-{number}")
    for percent in range(100):
        yield Working(f"Layer 0: pushing [bold]{percent}[/]", percent / 100, "layer-0")
    await hands.write("first", "on")
    yield Working("Layer 0: pushed", 1.0, "layer-0")
    await hands.write("first", "on")
    yield Applied(change)
"""


@pytest.fixture
def pushing(session: Session, lamps: Lamps) -> Session:
    path = session.workshop.folder / "steps" / "first_lamp" / "__init__.py"
    before, _, after = path.read_text().partition("@action")
    path.write_text(before + PUSH + "@reset" + after.partition("@reset")[2])
    workshop = load_workshop(session.workshop.folder)
    guide = Guide(workshop, lambda: {**lamps.services(), Names: session.names}, session.journal, {})
    return replace(session, workshop=workshop, guide=guide)


def story(pilot: Pilot[int]) -> list[str]:
    return [strip.text.strip() for strip in pilot.app.screen.query_one(Activity).story.lines]


def under_way(pilot: Pilot[int]) -> list[str]:
    widget = pilot.app.screen.query_one(UnderWay)
    return str(widget.content).splitlines() if widget.display else []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_each_has_a_line_and_only_what_is_done_goes_into_the_story(
    pushing: Session, lamps: Lamps, size: tuple[int, int]
) -> None:
    lamps.hold = asyncio.Event()
    async with seated(pushing, size) as pilot:
        await act(pilot)
        await until(pilot, lambda: "99%" in "".join(under_way(pilot)))
        assert under_way(pilot) == [
            "━━━━━━━━━━━━  99%  Layer 0: pushing [bold]99[/]",
            "· Layer 1: waiting",
            "· Layer 2: waiting",
            "· Layer 3: waiting",
            "… and 2 more",
        ]
        assert not any("Layer" in line for line in story(pilot))
        assert "50%" in str(pilot.app.screen.query_one("#doing").render())
        lamps.hold.set()
        await until(pilot, lambda: "passed" in verdict(pilot))
        assert "Layer 0: pushed" in story(pilot)
        assert under_way(pilot) == []
        assert len(story(pilot)) < 10


async def test_what_was_under_way_is_gone_when_it_is_stopped(pushing: Session, lamps: Lamps) -> None:
    lamps.hold = asyncio.Event()
    async with seated(pushing) as pilot:
        await act(pilot)
        await until(pilot, lambda: under_way(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: not under_way(pilot))
