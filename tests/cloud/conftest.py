"""One practice cloud for the session, and clients of ours that talk to it over its real protocols."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from look_around import NoEvidence

from workshop_tui.cloud import open_cloud
from workshop_tui.practice import client
from workshop_tui.settings import load_settings
from workshop_tui.target import load_target, practice_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from workshop_tui.cloud import Cloud
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a learner on a practice cloud of the session's own, twenty times as fast as real time."""
    home = tmp_path_factory.mktemp("home")
    found = load_settings({"WORKSHOP_TUI_HOME": str(home), "PATH": os.environ["PATH"]}, target="practice")
    folder = practice_folder(found.home)
    try:
        client.start(folder, time_scale=20.0)
        yield found
    finally:
        client.stop(folder)


@pytest.fixture
def target(settings: Settings) -> Target:
    return load_target(settings)


@pytest_asyncio.fixture
async def cloud(target: Target, settings: Settings) -> AsyncIterator[Cloud]:
    """Clients that may change things."""
    async with open_cloud(target, settings, evidence=NoEvidence(), read_only=False) as opened:
        yield opened
