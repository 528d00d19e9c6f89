"""A practice cloud for the session, and machines of any kind for a test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from machines import Machine

from workshop_tui.practice import client
from workshop_tui.settings import load_settings
from workshop_tui.target import load_target, practice_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workshop_tui.settings import Settings
    from workshop_tui.target import Target


@pytest.fixture(scope="session")
def practice_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("home")
    found = load_settings({"WORKSHOP_TUI_HOME": str(home), "PATH": os.environ["PATH"]}, target="practice")
    try:
        client.start(practice_folder(found.home), time_scale=20.0)
        yield found
    finally:
        client.stop(practice_folder(found.home))


@pytest.fixture
def target(practice_settings: Settings) -> Target:
    return load_target(practice_settings)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a home of its own and no programs but those that a test puts there."""
    return Machine.make(tmp_path, monkeypatch)
