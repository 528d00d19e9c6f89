"""A home of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "home")
