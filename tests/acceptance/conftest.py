"""A learner's machine, for those who work by hand."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from free_ports import free_port
from learner import forget_images, tools, workshop_tui

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A learner's machine: the tools on PATH, a home of one's own, and a practice cloud that runs."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name, program in tools().items():
        (folder / name).symlink_to(program)
    found = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "WORKSHOP_TUI_HOME": str(tmp_path / "home"),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "LOCAL_PORT": str(free_port()),
        # The builder that takes its network from the machine's own daemon, beside --network in `learner`.
        "DOCKER_BUILDKIT": "0",
    }
    try:
        started = workshop_tui(found, "practice", "start")
        assert started.returncode == 0, started.stderr
        registry = json.loads((tmp_path / "home" / "practice" / "endpoints.json").read_text("utf-8"))[
            "registry"
        ]
        yield found
    finally:
        workshop_tui(found, "practice", "stop")
    forget_images(registry)
