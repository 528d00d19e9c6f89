"""Machines for the doctor to look at: an own PATH with small programs that say what real ones say."""

from __future__ import annotations

import os
import sys
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.doctor import diagnose
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from workshop_tui.doctor import Diagnosis, Mode
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target

PATIENCE = 60.0
"""Seconds for looks that are not about time: the tests' machine may be busy."""

KUBECTL = '{"clientVersion": {"major": "1", "minor": "%s", "gitVersion": "v1.%s.7"}}'
AZ = '{"azure-cli": "%s", "azure-cli-core": "%s", "extensions": {}}'
ACCOUNT = """{
  "environmentName": "AzureCloud", "id": "11111111-1111-4111-8111-111111111111", "isDefault": true,
  "name": "Learning", "state": "Enabled", "tenantId": "44444444-4444-4444-8444-444444444444",
  "user": {"name": "ada@example.org", "type": "user"}
}"""
CLOUDY = (
    "AZURE_",
    "KUBE",
    "DOCKER_",
    "CODESPACE",
    "WSL_",
    "WORKSHOP_TUI_",
    "UV_PYTHON",
    "TMUX",
    "STY",
    "SSH_",
)


@dataclass(frozen=True)
class Machine:
    home: Path
    programs: Path
    monkeypatch: pytest.MonkeyPatch

    @classmethod
    def make(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
        programs = folder / "programs"
        programs.mkdir()
        for name in list(os.environ):
            if name.startswith(CLOUDY) or name in ("SUBSCRIPTION_ID", "NO_COLOR", "COLORTERM"):
                monkeypatch.delenv(name)
        monkeypatch.setenv("PATH", str(programs))
        # No daemon of this machine's: where there is none is for a test to say.
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder / 'docker.sock'}")
        monkeypatch.setenv("WORKSHOP_TUI_HOME", str(folder / "home"))
        return cls(folder / "home", programs, monkeypatch)

    def put(self, name: str, body: str) -> Path:
        """Put a program on PATH; the body is Python, with `words` for its arguments."""
        program = self.programs / name
        program.write_text(f"#!{sys.executable}\nimport os, sys, time\nwords = sys.argv[1:]\n{body}\n")
        program.chmod(0o755)
        return program

    def says(self, name: str, text: str) -> None:
        """Put a program on PATH that says this, whatever it is asked."""
        self.put(name, f"print({text!r})")

    def settings(self, target: Mode = "practice") -> Settings:
        return load_settings(target=target)

    async def look(
        self, mode: Mode | None, *, target: Target | None = None, seconds: float = PATIENCE
    ) -> dict[str, Diagnosis]:
        """Return what the doctor says, by id."""
        found: dict[str, Diagnosis] = {}
        settings = self.settings(mode or "practice")
        async with aclosing(diagnose(settings, mode, target=target, seconds=seconds)) as diagnoses:
            async for item in diagnoses:
                assert item.id not in found
                found[item.id] = item
        return found
