"""Terminals with few colours, with none, and without UTF-8: what has the keys is seen all the same."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from pathlib import Path

import pytest
from slow_terminal import SlowTerminal

pytestmark = pytest.mark.timeout(120)
GARDEN = Path(__file__).with_name("garden_desk.py")
FAST = 10_000_000


@pytest.mark.parametrize(
    ("environment", "unwanted"),
    [
        ({"NO_COLOR": "1"}, r"(3|4|9|10)[0-8](;\d+)*"),
        ({"TERM": "xterm-16color", "COLORTERM": ""}, r"[34]8;[25];[\d;]*"),
    ],
    ids=["none", "sixteen"],
)
def test_the_cursor_is_a_sign(tmp_path: Path, environment: dict[str, str], unwanted: str) -> None:
    command = [sys.executable, str(GARDEN), str(tmp_path)]
    with closing(SlowTerminal(command, bytes_a_second=FAST, environment=environment)) as terminal:
        terminal.wait("failed")
        terminal.wait("Do it")
        since = terminal.press("\t")
        terminal.wait("▸", since=since)
        terminal.wait("┃", since=since)
        styles = {each for each in re.findall(r"\x1b\[([\d;]*)m", terminal.read) if each}
        assert not {each for each in styles if re.search(rf"(^|;){unwanted}$", each)}


def test_without_utf_8_it_says_what_would_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workshop_tui", "run"]
    ascii_only = {
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "WORKSHOP_TUI_HOME": str(tmp_path),
    }
    with closing(SlowTerminal(command, bytes_a_second=FAST, environment=ascii_only)) as terminal:
        terminal.wait("LANG=C.UTF-8")
        assert terminal.process.wait(20) == 2
