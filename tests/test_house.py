"""What the import contracts cannot see: steps keep to `authoring`, and starting stays light."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STEP_FILES = sorted((ROOT / "steps").rglob("*.py"))
ALLOWED = {*sys.stdlib_module_names, "libcst"}


@pytest.mark.parametrize("file", STEP_FILES, ids=lambda file: str(file.relative_to(ROOT / "steps")))
def test_a_step_imports_authoring_and_little_else(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            assert name == "workshop_tui.authoring" or name.split(".")[0] in ALLOWED, f"{file}: {name}"


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after this code."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(told.stdout.splitlines()[-1])}


HEAVY = {"textual", "rich", "azure", "kubernetes", "docker", "httpx", "aiohttp", "libcst", "uvicorn"}


@pytest.mark.parametrize(
    "words", [["--help"], ["check", "--help"], ["practice", "status"], ["run"], ["doctor", "--help"]]
)
def test_starting_loads_nothing_heavy(words: list[str]) -> None:
    invoke = "from click.testing import CliRunner; from workshop_tui.cli.main import workshop_tui"
    assert not loaded_by(f"{invoke}; CliRunner().invoke(workshop_tui, {words})") & HEAVY


def test_loading_a_workshop_loads_nothing_heavy() -> None:
    rooms = ("workshop", "settings", "target", "report", "journal", "practice.client", "doctor")
    assert not loaded_by("import " + ", ".join(f"workshop_tui.{room}" for room in rooms)) & HEAVY


def test_no_command_but_run_needs_textual() -> None:
    files = sorted((ROOT / "workshop_tui" / "cli").glob("*.py"))
    rooms = [f"workshop_tui.cli.{file.stem}" for file in files] + ["workshop_tui.rehearse"]
    assert not loaded_by("import " + ", ".join(rooms)) & {"textual", "rich"}
