"""The whole workshop in the TUI, in a real terminal of 80 by 24, by keyboard alone."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from typing import TYPE_CHECKING

import pytest
from free_ports import free_port
from tmux_terminal import TmuxTerminal

from workshop_tui.practice import client
from workshop_tui.workshop import find_bundled, load_workshop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is missing: apt-get install tmux"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[TmuxTerminal]:
    window = TmuxTerminal(f"workshop-{os.getpid()}")
    home = tmp_path / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")}
    environment = {
        **kept,
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_BUILDER": "embedded",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "LOCAL_PORT": str(free_port()),
    }
    command = shlex.join([sys.executable, "-m", "workshop_tui", "run"])
    window.tmux("new-session", "-d", "-s", "main", "-x", "80", "-y", "24", command, environment=environment)
    try:
        yield window
    finally:
        window.tmux("kill-server")
        client.stop(home / "practice")


def test_a_newcomer_does_the_whole_workshop_by_keyboard(terminal: TmuxTerminal) -> None:
    steps = load_workshop(find_bundled()).steps
    terminal.wait("Practice", "No subscription needed")
    terminal.press("Enter")
    for step in steps:
        # A step's title can be longer than the border shows: its beginning is enough to know it by.
        terminal.wait(f"{step.number} · {step.title[:30]}")
        terminal.press("a")
        terminal.wait(f"Do it for me: {step.title[:20]}", "Enter do it")
        terminal.press("Enter")
        terminal.wait(f"Do it for me: {step.title[:20]}", "the checks have the last word")
        terminal.wait("passed · ")
        if step is not steps[-1]:
            terminal.press("n")
    terminal.wait("this was the last step")
    terminal.press("C-q")
    deadline = time.monotonic() + 10
    while "main" in terminal.tmux("list-sessions") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "main" not in terminal.tmux("list-sessions")


def test_the_gate_is_shut_before_the_first_step_has_passed(terminal: TmuxTerminal) -> None:
    terminal.wait("Practice")
    terminal.press("Enter")
    terminal.wait("1 · See the key", "failed · ")
    terminal.press("n")
    terminal.wait("The gate is shut")
