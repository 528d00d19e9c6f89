"""The names to work under, by numbered lines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result
from inventory_world import LAB, LAB_NAMES, TEACHING, World

from workshop_tui.cli import names
from workshop_tui.saved_settings import save
from workshop_tui.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    found = World()
    monkeypatch.setattr(names, "open_inventory", found.open)
    return found


def settle(home: Path, *lines: str, again: bool = False) -> tuple[Settings, Result]:
    """Settle the names with these lines typed; return the settings of now, and what was said."""
    environment = {"WORKSHOP_TUI_HOME": str(home)}
    settled: list[Settings] = []

    @click.command()
    def command() -> None:
        settings = load_settings(environment, target="azure")
        settled.append(asyncio.run(names.settle_names(settings, environment, again=again)))

    told = CliRunner().invoke(command, input="".join(f"{line}\n" for line in lines), catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return settled[0], told


def test_only_what_is_not_clear_is_asked_and_it_is_kept(world: World, tmp_path: Path) -> None:
    settings, told = settle(tmp_path, "1")
    assert f"1: Lab, Contoso · {LAB.id}, the one az uses now." in told.output
    assert settings.names == LAB_NAMES
    world.reads.clear()
    settings, told = settle(tmp_path)
    assert (settings.names, told.output, world.reads) == (LAB_NAMES, "", [])


def test_one_can_go_back(world: World, tmp_path: Path) -> None:
    settings, told = settle(tmp_path, "2", "0", "7", "2", "2")
    assert world.reads[0] == "subscriptions"
    assert "0: back to the question before." in told.output
    assert settings.names == {"subscription_id": TEACHING.id, "resource_group": "spare", "cluster": "old"}


def test_what_cannot_be_read_is_said_and_the_names_stay(world: World, tmp_path: Path) -> None:
    save(tmp_path, {"resource_group": "labs"}, "azure")
    world.problem = "nobody is signed in"
    settings, told = settle(tmp_path)
    assert "Sign in with az login" in told.output
    assert settings.names == {"resource_group": "labs"}


def test_names_are_chosen_again_where_one_wants_others(world: World, tmp_path: Path) -> None:
    settings, _ = settle(tmp_path, "1")
    world.reads.clear()
    settings, _ = settle(tmp_path, "2", "2", "2", again=True)
    assert world.reads[0] == "subscriptions"
    assert settings.names["subscription_id"] == TEACHING.id
    assert load_settings({"WORKSHOP_TUI_HOME": str(tmp_path)}, target="azure").names == settings.names
