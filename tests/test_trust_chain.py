"""The trust chain, drawn from facts: one finished workshop, and what each change does to its links."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "steps"))
from steps_world import (  # noqa: E402 - the folder of the steps' world is put on the path above
    CLIENT_ID,
    SUBJECT,
    finished_world,
)
