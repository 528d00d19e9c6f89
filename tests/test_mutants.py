"""Faults in the judging code are noticed: a fixed sample now, all of them by the table in docs/."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_fault_of_the_sample_lives() -> None:
    """One that lives shows a judgement that no test states: state it, or name a reason in mutants.toml."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "mutants.py", "--sample"],
        capture_output=True,
        text=True,
        timeout=280,
        env={**os.environ, "WORKSHOP_TUI_PROPERTIES": "quick"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    tried = re.search(r"^(\d+) faults, ", done.stdout, re.MULTILINE)
    assert tried is not None
    assert int(tried[1]) > 100


def test_the_table_of_all_faults_has_a_reason_for_each_that_lives() -> None:
    text = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    share = re.search(r"of (\d+) faults \*\*([\d.]+)%\*\* are noticed", text)
    day = re.search(r"^Run on (\d+ \w+ \d{4}) at \d\d:\d\d UTC", text, re.MULTILINE)
    assert share is not None
    assert day is not None
    assert int(share[1]) > 2000
    assert float(share[2]) >= 90
    assert datetime.strptime(day[1], "%d %B %Y").replace(tzinfo=UTC).year >= 2026
    living = [
        [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]
        for line in text.partition("## Those that change nothing")[2].splitlines()
        if line.startswith("| ") and not line.startswith(("| Where", "| ---"))
    ]
    assert living
    assert all(len(cells) == 3 and len(cells[2]) > 20 and "no reason" not in cells[2] for cells in living)
