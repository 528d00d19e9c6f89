"""How long leaving takes, whatever is under way: the real app in a real terminal, beside an empty app.

Seconds by the clock, and those of the processor (of what the app had started and ended, too): on a busy
machine the clock tells of the others' work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.practice import client

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "acceptance"))

from free_ports import free_port
from pty_terminal import PtyTerminal

if TYPE_CHECKING:
    from collections.abc import Mapping

EMPTY_APP = """
from textual.app import App
from textual.widgets import Footer, Static
class Empty(App):
    def compose(self):
        yield Static("painted")
        yield Footer()
Empty().run()
"""
WORKSHOP_TUI = (sys.executable, "-m", "workshop_tui")
QUIT = "\x11"


@dataclass(frozen=True)
class Moment:
    """When somebody leaves: the step that is open, and the keys, each with what it must say."""

    what: str
    step: str
    keys: tuple[tuple[str, str], ...] = ()
    builder: str = "embedded"
    gone: tuple[str, ...] = field(default=())
    """Folders of the home that are deleted before, so that there is something to do."""


def doing(what: str, step: str, says: str, *, builder: str = "embedded", gone: str = "") -> Moment:
    """Return the moment at which a step's action says this."""
    return Moment(what, step, (("a", "Enter do it"), ("\r", says)), builder, (gone,) if gone else ())


MOMENTS = (
    Moment("nothing", "run-locally"),
    Moment("a check", "run-locally", (("c", "Looking"),)),
    Moment("a log that is followed", "run-locally", (("l", "Reading"),)),
    Moment("the doctor", "run-locally", (("d", "Looking at this"),)),
    Moment("the summary", "run-locally", (("u", "Looking at every"),)),
    Moment("a shell that opens", "run-locally", (("s", "Opening a shell"),)),
    doing("requirements being installed", "run-locally", "Making an environment", gone="local-app"),
    doing("the app running here", "run-locally", "The app is up"),
    doing("an image's layer being made", "build-push", "Do it for me: Build", gone="cache"),
    doing("a Docker build", "build-push", "Step 2", builder="docker"),
    doing("the cluster's update", "enable-workload-identity", "→ Turn on"),
    doing("a rollout", "redeploy", "waits"),
    Moment("a drill that starts", "verify", (("D", "Enter start"), ("\r", "Looking whether"))),
)
SOLVED_BEFORE = {
    "run-locally": "edit-code",
    "build-push": "run-locally",
    "enable-workload-identity": "build-push",
    "redeploy": "service-account",
    "verify": "verify",
}
"""Up to which step the workshop is solved before the moments at a step."""


def leave(command: list[str], environment: Mapping[str, str], keys: tuple[tuple[str, str], ...]) -> str:
    """Run it, press the keys, leave; return what that took."""
    terminal = PtyTerminal(command, environment)
    try:
        terminal.wait("painted" if "-c" in command else "OpenAI")
        quiet = time.monotonic() + 3
        while time.monotonic() < quiet:
            terminal.read(0.1)  # the first look at everything is over by then
        for key, says in keys:
            terminal.press(key)
            if says:
                terminal.wait(says)
        terminal.press(QUIT)
        left = terminal.left()
        bad = ", ".join(terminal.not_restored())
    except AssertionError as error:
        return f"could not be seen: {str(error)[:60]}"
    else:
        note = f"; not restored: {bad}" if bad else ""
        return f"{left.seconds:5.2f} s  ({left.busy:.2f} s of the processor{note})"
    finally:
        terminal.close()


def measure_quit() -> None:
    """Print all of them."""
    with tempfile.TemporaryDirectory(prefix="workshop-tui-benchmark-") as folder:
        home = Path(folder)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")},
            "TERM": "xterm-256color",
            "SHELL": "/bin/sh",
            "WORKSHOP_TUI_HOME": folder,
            "WORKSHOP_TUI_TARGET": "practice",
            "WORKSHOP_TUI_SOURCE_FROM": "starter",
            "WORKSHOP_TUI_BUILDER": "embedded",
            "LOCAL_PORT": str(free_port()),
        }
        client.start(home / "practice", time_scale=20)
        try:
            print("leaving takes (aim 0.3 s), with")
            print(
                f"  {'an empty Textual app':32} {leave([sys.executable, '-c', EMPTY_APP], environment, ())}"
            )
            solved = ""
            for moment in MOMENTS:
                if SOLVED_BEFORE[moment.step] != solved:
                    solved = SOLVED_BEFORE[moment.step]
                    subprocess.run(  # noqa: S603 - our own command
                        [*WORKSHOP_TUI, "solve", "--until", solved],
                        env=environment,
                        check=False,
                        capture_output=True,
                    )
                for name in moment.gone:
                    shutil.rmtree(home / name, ignore_errors=True)
                command = [*WORKSHOP_TUI, "run", "--step", moment.step]
                took = leave(command, {**environment, "WORKSHOP_TUI_BUILDER": moment.builder}, moment.keys)
                print(f"  {moment.what:32} {took}", flush=True)
            print(f"  load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        finally:
            client.stop(home / "practice")


if __name__ == "__main__":
    measure_quit()
