"""However the app is ended amid an action: terminal as before, journal whole, nothing left running."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from free_ports import free_port
from learner import workshop_tui
from pty_terminal import PtyTerminal

from workshop_tui.cloud.listener import find_listener
from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

RUN = (sys.executable, "-m", "workshop_tui", "run")
STEP = "run-locally"
QUIT = "\x11"
FAULTY = """
from workshop_tui.cli.main import main
from workshop_tui.tui.app import WorkshopApp
def fail(self):
    api_key = "0123456789abcdef0123456789abcdef"
    raise RuntimeError(len(api_key))
WorkshopApp.action_help = fail
main(["run"])
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A world in which the app's code knows how to use an identity."""
    home = tmp_path_factory.mktemp("leaving")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")}
    environment = {
        **kept,
        "TERM": "xterm-256color",
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "LOCAL_PORT": str(free_port()),
    }
    client.start(home / "practice", time_scale=20)
    try:
        solved = workshop_tui(environment, "solve", "--until", "edit-code")
        assert solved.returncode == 0, solved.stdout + solved.stderr
        yield environment
    finally:
        client.stop(home / "practice")


@contextmanager
def acting(environment: Mapping[str, str], until: str) -> Iterator[PtyTerminal]:
    """The app, its action begun and come to where it says `until`."""
    terminal = PtyTerminal([*RUN, "--step", STEP], environment)
    try:
        terminal.wait("Checks", "OpenAI")
        terminal.press("a")
        terminal.wait("Enter do it", "The way back")
        terminal.press("\r")
        terminal.wait(until)
        yield terminal
    finally:
        terminal.close()


def journal(environment: Mapping[str, str]) -> list[str]:
    """The kinds of what the journal tells of the action, after a look at the file itself."""
    with closing(sqlite3.connect(Path(environment["WORKSHOP_TUI_HOME"]) / "journal.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        query = "SELECT kind FROM entries WHERE step = ? AND kind LIKE 'action-%' ORDER BY id"
        return [kind for (kind,) in connection.execute(query, (STEP,))]


def test_ctrl_q_while_requirements_are_installed(environment: dict[str, str]) -> None:
    with acting(environment, "Making an environment") as terminal:
        terminal.press(QUIT)
        leaving = terminal.left()
        assert leaving.busy < 1, "it is 0.2 s on a quiet machine: scripts/benchmark measures it"
        assert terminal.status == 0
        assert f"Stopped where it was: solving {STEP}" in terminal.text
        assert terminal.not_restored() == []
    assert journal(environment)[-2:] == ["action-started", "action-stopped"]
    made = Path(environment["WORKSHOP_TUI_HOME"]) / "local-app" / "environments"
    assert [each.name for each in made.iterdir() if not each.name.startswith(".")] == []


def test_a_closed_tab_while_the_app_runs_and_help_is_open(environment: dict[str, str]) -> None:
    with acting(environment, "The app is up") as terminal:
        terminal.press("?")
        terminal.wait("Look again now")
        os.kill(terminal.pid, signal.SIGHUP)
        terminal.left()
        assert terminal.status == 128 + signal.SIGHUP
        assert f"Stopped where it was: solving {STEP}" in terminal.text
        assert terminal.not_restored() == []
    assert journal(environment)[-1] == "action-stopped"
    assert find_listener(int(environment["LOCAL_PORT"])) is None


def test_killed_while_the_app_runs_then_a_fault_of_ours(environment: dict[str, str]) -> None:
    with acting(environment, "The app is up") as terminal:
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.left()
    assert journal(environment)[-1] == "action-started"
    wait_until(lambda: find_listener(int(environment["LOCAL_PORT"])) is None)
    again = PtyTerminal([sys.executable, "-c", FAULTY], environment)
    try:
        again.wait("Try the app as yourself", "OpenAI")
        again.press("?")
        again.left()
        assert again.status == 1
        assert "a fault of ours" in again.text
        assert "0123456789abcdef" not in again.text
        assert again.not_restored() == []
    finally:
        again.close()
    assert client.status(Path(environment["WORKSHOP_TUI_HOME"]) / "practice") is not None


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another process's end tells us no event
