"""Lists of what was found, the palette, the drills: whatever stands in them is text, and they stay alive."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from choosing_world import Azure, offered, said
from desk_world import seated, until
from drawn_screen import harmless
from inventory_world import World, group, listed
from poison import POISON
from textual.command import CommandPalette
from textual.widgets import Static

from workshop_tui.cloud.text import clean
from workshop_tui.drills.store import FILE
from workshop_tui.guide import Guide
from workshop_tui.model import ModelDeployment, Names, OpenAIAccount
from workshop_tui.model.inventory import Holdings, Inventory, Subscription
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.drills_page import DrillsPage
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from pathlib import Path

    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

SAID = list(POISON.values())
LOUD = POISON["markup that opens"]


def poisoned_cloud() -> Inventory:
    """Every name, place, kind, state and title in it is one poison or another, not cleaned by anybody."""
    subscriptions = tuple(
        Subscription(f"{number:08}-0000-0000-0000-000000000000", text, text, text, state=text)
        for number, text in enumerate(SAID)
    )
    first = subscriptions[0]
    groups = tuple(group(first, text, "eastus") for text in SAID)
    accounts = tuple(
        OpenAIAccount(f"{groups[0].id}/a/{text}", text, "OpenAI", text, text, None, key_sign_in=True)
        for text in SAID
    )
    models = tuple(ModelDeployment(text, text, text) for text in SAID)
    kinds = tuple(listed(groups[0], text, "OpenAI") for text in SAID)
    clusters = tuple(listed(each, text) for each in groups for text in SAID)
    return Inventory(
        subscriptions,
        {first.id: Holdings(groups, clusters, kinds)},
        {groups[0].id.lower(): accounts},
        {each.id.lower(): models for each in accounts},
    )


@pytest.fixture
def azure(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Azure:
    world = Azure(tmp_path, session, World(poisoned_cloud()))
    monkeypatch.setattr("workshop_tui.session.open_inventory", world.world.open)
    monkeypatch.setattr("workshop_tui.session.open_session", world.open_session)
    return world


async def test_names_that_mean_harm_are_chosen_like_any_other(azure: Azure) -> None:
    async with azure.started((80, 24)) as pilot:
        for question in ("subscription?", "resource group", "cluster?", "account?", "deployment"):
            await until(pilot, lambda q=question: q in said(pilot))
            assert len(offered(pilot)) >= len(POISON) - 1, "one has no upper case that is its own"
            for key in ("down", "end"):
                await harmless(pilot)
                await pilot.press(key)
            await harmless(pilot)
            await pilot.press("[", "b", "o", "l", "d")
            await harmless(pilot, shows="Those with “[bold”: 1 of")
            await harmless(pilot, shows="[bold]loud")
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))
        await harmless(pilot, shows="[bold]loud")
    assert azure.opened[0]["cluster"] == LOUD


async def test_a_refusal_that_means_harm_is_a_sentence(azure: Azure) -> None:
    azure.world.problem = "\n".join(SAID)
    async with azure.started() as pilot:
        await until(pilot, lambda: "✘" in said(pilot, "problem"))
        await harmless(pilot, shows="Look again")
        azure.world.problem = ""
        await pilot.press("home", "enter")
        await until(pilot, lambda: "subscription?" in said(pilot))


POISONED_PAGE = """---
title: {title}
minutes: 1
summary: {summary}
why: {summary}
hints:
  - {summary}
---
{page}
"""


@pytest.fixture
def poisoned_steps(session: Session, lamps: Lamps) -> Session:
    """A workshop of somebody else's: whatever it can say of its steps is poison."""
    folders = sorted((session.workshop.folder / "steps").iterdir())
    for folder, text in zip(folders, (POISON["markup that closes nothing"], LOUD), strict=True):
        (folder / "step.md").write_text(
            POISONED_PAGE.format(
                title=json.dumps(text),
                summary=json.dumps(clean("".join(SAID[:6]))),
                page="\n\n".join(SAID).encode(errors="replace").decode(),
            )
        )
    workshop = load_workshop(session.workshop.folder)
    guide = Guide(workshop, lambda: {**lamps.services(), Names: session.names}, session.journal, {})
    return replace(session, workshop=workshop, guide=guide)


async def test_the_palette_over_steps_that_mean_harm(poisoned_steps: Session) -> None:
    async with seated(poisoned_steps, (80, 24)) as pilot:
        await harmless(pilot, shows="[bold]loud")
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"and")
        await harmless(pilot, shows="[/] and [/red]")
        for _ in range(5):
            await pilot.press("backspace")
        await pilot.press(*"bold")
        await harmless(pilot, shows="[bold]loud")
        await pilot.press("backspace", *"[[/]")
        await pilot.pause(0.3)
        await harmless(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Desk))


def told(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one("#drill-told", Static).content)


async def test_a_drill_that_is_told_of_harm(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(SAID)

    async def start(*_: object) -> object:
        yield text
        raise RuntimeError(text)

    monkeypatch.setattr("workshop_tui.drilling.start", start)
    async with seated(session, (80, 24)) as pilot:
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, DrillsPage))
        await pilot.press("enter")
        await until(pilot, lambda: "That went wrong" in told(pilot))
        await harmless(pilot)
        await pilot.press("down")
        await until(pilot, lambda: not told(pilot))


@pytest.mark.parametrize(
    "kept",
    [
        "[bold]loud\x1b[2J",
        "[]",
        json.dumps({"running": {"drill": LOUD, "started": LOUD, "kept": []}}),
        json.dumps({"running": {"drill": "bare-pods", "started": LOUD, "kept": []}}),
        json.dumps({"running": [LOUD], "solved": [LOUD]}),
        json.dumps({"solved": LOUD}),
    ],
)
async def test_a_book_of_drills_that_is_damaged_is_told(session: Session, kept: str) -> None:
    (session.settings.home / FILE).write_text(kept)
    async with seated(session, (80, 24)) as pilot:
        await pilot.press("D")
        await until(pilot, lambda: pilot.app._notifications)
        await harmless(pilot, shows="No drills")
        assert isinstance(pilot.app.screen, Desk)
        (session.settings.home / FILE).unlink()
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, DrillsPage))
