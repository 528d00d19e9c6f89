"""The example in docs/authors.md is a whole workshop: it loads, plans, and is proven in a practice cloud."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "authors.md"


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """The guide's three files, where it says that they belong."""
    text = GUIDE.read_text("utf-8")
    folder = tmp_path / "my-workshop"
    step = folder / "steps" / "name_the_app"
    step.mkdir(parents=True)
    for language, file in (
        ("toml", folder / "workshop.toml"),
        ("markdown", step / "step.md"),
        ("python", step / "__init__.py"),
    ):
        (body,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        file.write_text(body, "utf-8")
    return folder


def test_the_example_is_proven(workshop: Path) -> None:
    proven = subprocess.run(
        [sys.executable, "-m", "workshop_tui", "rehearse", "--workshop", str(workshop), "--proof"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert "Make an identity" in proven.stdout
