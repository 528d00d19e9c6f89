"""Faults in the judging code are noticed: a fixed sample now, all of them by the table in docs/."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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
