"""The command line as scripts see it: a process, its two streams and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
"""Of this process's environment; the learner's variables must not decide how a test ends."""


@dataclass(frozen=True)
class CommandLine:
    """Runs `workshop-tui` with a home of its own."""

    home: Path

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {"WORKSHOP_TUI_HOME": str(self.home)} | dict(extra or {})

    def words(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "workshop_tui", *arguments]

    def __call__(
        self, *arguments: str, environment: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(*arguments),
            env=self.environment(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
        )
