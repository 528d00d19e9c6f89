"""One practice cloud for the session, read with every resolver there is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from world_facts import World

from workshop_tui.practice import client
from workshop_tui.settings import load_settings
from workshop_tui.target import load_target, practice_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from workshop_tui.settings import Settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("home")
    found = load_settings({"WORKSHOP_TUI_HOME": str(home), "PATH": os.environ["PATH"]}, target="practice")
    folder = practice_folder(found.home)
    try:
        client.start(folder, time_scale=20.0)
        yield found
    finally:
        client.stop(folder)


@pytest_asyncio.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    """The learner's world: facts to read, and hands to change it with."""
    async with World.open(settings, load_target(settings)) as opened:
        yield opened
