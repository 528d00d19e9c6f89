"""A real terminal: a tmux window of its own server, with somebody at its keys."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class TmuxTerminal:
    """A tmux window; `wait` looks at the screen until it shows what is wanted."""

    name: str

    def tmux(self, *words: str, environment: dict[str, str] | None = None) -> str:
        answer = subprocess.run(
            ["tmux", "-L", self.name, *words], capture_output=True, text=True, check=False, env=environment
        )
        return answer.stdout

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "main")

    def press(self, key: str) -> None:
        self.tmux("send-keys", "-t", "main", key)

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        self.tmux("send-keys", "-t", "main", "-l", line)
        self.press("Enter")

    def wait(self, *wanted: str, seconds: float = 60) -> str:
        """Return the screen once it shows every text; a terminal tells no event, so it is looked at."""
        deadline = time.monotonic() + seconds
        shown = ""
        while time.monotonic() < deadline:
            shown = self.screen()
            if all(text in shown for text in wanted):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{wanted} did not show within {seconds:.0f} s:\n{shown}")

    def wait_for_command(self, name: str, seconds: float = 60) -> None:
        """Return once this command has the terminal: what is typed to one that is ending is lost."""
        deadline = time.monotonic() + seconds
        running = ""
        while time.monotonic() < deadline:
            running = self.tmux("display-message", "-p", "-t", "main", "#{pane_current_command}").strip()
            if running == name:
                return
            time.sleep(0.1)
        raise AssertionError(f"{running} has the terminal after {seconds:.0f} s, not {name}")
