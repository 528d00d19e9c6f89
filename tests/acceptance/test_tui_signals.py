"""However the app is told to end, its terminal is as before; a shell that is open in it ends with it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pty_terminal import PtyTerminal
from tmux_terminal import TmuxTerminal

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AROUND = """
trap : INT
stty -a >"$WORKSHOP_TUI_HOME/before"
sh -c 'echo $$ >"$WORKSHOP_TUI_HOME/pid"; exec "$0" -c "$1"' "$0" "$1"
echo "left with $?"
stty -a >"$WORKSHOP_TUI_HOME/after"
"""
"""A shell that keeps what `stty` says before and after the app."""
OPEN_WINDOW = ("-f", "/dev/null", "new-session", "-d", "-s", "main", "-x", "80", "-y", "24")
RUN = """
from workshop_tui.cli.main import main
main(["run"])
"""
FAULTY = """
from workshop_tui.tui.app import WorkshopApp
def fail(self):
    raise RuntimeError("a fault")
WorkshopApp.action_help = fail
"""
STUBBORN = """#!/bin/sh
trap 'echo "not me"' HUP TERM INT
echo "I stay as $$"
while :; do sleep 0.1; done
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    home = tmp_path_factory.mktemp("signals")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")}
    environment = {
        **kept,
        "TERM": "xterm-256color",
        "SHELL": "/bin/sh",
        "PS1": "$ ",
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
    }
    client.start(home / "practice", time_scale=20)
    try:
        yield environment
    finally:
        client.stop(home / "practice")


class Sat(PtyTerminal):
    """The app in a pseudo-terminal, in a shell that keeps what `stty` says before and after it."""

    def __init__(self, environment: dict[str, str], program: str = RUN) -> None:
        self.home = Path(environment["WORKSHOP_TUI_HOME"])
        (self.home / "pid").unlink(missing_ok=True)
        super().__init__(["sh", "-c", AROUND, sys.executable, program], environment)

    def __enter__(self) -> Sat:
        self.wait("account ─", "OpenAI")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tell(self, number: int) -> None:
        """Send the app a signal."""
        os.kill(int((self.home / "pid").read_text()), number)

    def open_shell(self) -> None:
        self.press("s")
        self.wait("`exit` brings you back")

    def left_with(self) -> int:
        """Return the app's exit code, once all was found to be as before."""
        self.left(seconds=60)
        assert (self.home / "after").read_text() == (self.home / "before").read_text()
        assert self.not_restored() == []
        with closing(sqlite3.connect(self.home / "journal.sqlite")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(self.text.rpartition("left with ")[2])


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another process's end tells us no event


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda each: each.name)
def test_a_signal_leaves_the_terminal_as_it_was(environment: dict[str, str], number: int) -> None:
    with Sat(environment) as app:
        app.tell(number)
        assert app.left_with() == 128 + number


def test_a_fault_of_ours_leaves_the_terminal_as_it_was(environment: dict[str, str]) -> None:
    with Sat(environment, FAULTY + RUN) as app:
        app.press("?")
        app.wait("a fault of ours")
        assert app.left_with() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_a_signal_while_the_shell_is_open_ends_what_runs_in_it(
    environment: dict[str, str], number: int, shell: str
) -> None:
    with Sat({**environment, "SHELL": shell}) as app:
        app.open_shell()
        app.press("sh -c 'stty raw -echo; echo runs \"as\" $$ now; exec sleep 1000'\n")
        app.wait("runs as ", " now")
        running = int(re.findall(r"runs as (\d+)", app.text)[-1])
        app.tell(number)
        assert app.left_with() == 128 + number
        wait_until(lambda: is_gone(running))


def test_a_shell_that_will_not_go_is_killed(environment: dict[str, str], tmp_path: Path) -> None:
    shell = tmp_path / "stubborn"
    shell.write_text(STUBBORN)
    shell.chmod(0o700)
    with Sat({**environment, "SHELL": str(shell)}) as app:
        app.open_shell()
        app.wait("I stay as ")
        app.press("\x03")
        app.wait("not me")
        app.tell(signal.SIGTERM)
        assert app.left_with() == 128 + signal.SIGTERM
        stays = int(re.findall(r"I stay as (\d+)", app.text)[-1])
        assert is_gone(stays)


def test_a_shell_that_was_killed_brings_back_to_the_desk(environment: dict[str, str]) -> None:
    with Sat({**environment, "SHELL": "/bin/bash"}) as app:
        app.open_shell()
        app.press("kill -9 $$\n")
        app.wait("account ─", "OpenAI")
        app.press("\x11")
        assert app.left_with() == 0


@pytest.mark.parametrize("in_the_shell", [False, True], ids=["at the desk", "in the shell"])
def test_a_terminal_that_is_gone_ends_the_app(environment: dict[str, str], *, in_the_shell: bool) -> None:
    app = Sat({**environment, "SHELL": "/bin/bash"})
    with app:
        if in_the_shell:
            app.open_shell()
        running = int((app.home / "pid").read_text())
    wait_until(lambda: is_gone(running))
    with Sat(environment) as again:
        again.press("\x11")
        assert again.left_with() == 0


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is missing: apt-get install tmux")
def test_ctrl_z_lends_the_terminal_and_fg_goes_on(environment: dict[str, str]) -> None:
    home = Path(environment["WORKSHOP_TUI_HOME"])
    window = TmuxTerminal(f"suspended-{os.getpid()}")
    bash = ("bash", "--norc", "--noprofile")
    window.tmux(*OPEN_WINDOW, *bash, environment={**environment, "LC_ALL": "C.UTF-8"})
    try:
        window.type(f"stty -a >{home}/before; {sys.executable} -m workshop_tui run --step get-code")
        window.wait("account ─", "failed")
        assert modes(window) == "1 0 1"
        window.press("C-z")
        window.wait("Stopped")
        window.type(f"stty -a >{home}/suspended; echo usable $((40 + 2))")
        window.wait("usable 42")
        assert modes(window) == "0 1 0"
        assert (home / "suspended").read_text() == (home / "before").read_text()
        window.type(f"{sys.executable} -m workshop_tui solve --until get-code; echo solved with $?")
        window.wait("solved with 0", seconds=120)
        window.type("fg")
        window.wait("account ─", "passed", seconds=120)
        assert modes(window) == "1 0 1"
        window.press("?")
        window.wait("Look again now")
        window.press("C-q")
        window.wait_for_command("bash")
        window.type(f"stty -a >{home}/after; echo over $((40 + 3))")
        window.wait("over 43")
        assert modes(window) == "0 1 0"
        assert (home / "after").read_text() == (home / "before").read_text()
    finally:
        window.tmux("kill-server")


def modes(window: TmuxTerminal) -> str:
    """Return 1 or 0 for the alternate screen, the cursor, and the mouse."""
    told = "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"
    return window.tmux("display-message", "-p", "-t", "main", told).strip()
