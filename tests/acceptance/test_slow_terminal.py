"""A terminal that takes 20 kB a second: keys are answered though much is told, and one leaves at once."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from slow_terminal import SlowTerminal

from workshop_tui.tui.paced_app import pieces

pytestmark = pytest.mark.timeout(180)
GARDEN = Path(__file__).with_name("garden_desk.py")


def test_keys_are_answered_over_a_slow_line(tmp_path: Path) -> None:
    terminal = SlowTerminal([sys.executable, str(GARDEN), str(tmp_path), "--flood"], bytes_a_second=20_000)
    with closing(terminal):
        terminal.wait("A lamp of the old kind")
        terminal.wait("failed")
        since = terminal.press("a")
        terminal.wait(" do it ", since=since)
        since = terminal.press("\r")
        terminal.wait("carried a little", since=since)
        took = []
        for _ in range(3):
            # Time for a backlog to grow in, were there one: nothing happens that could be waited for.
            time.sleep(2)
            since = terminal.press("?")
            took.append(terminal.wait("Open the next step", since=since, seconds=30))
            since = terminal.press("q")
            terminal.wait("carried a little", since=since, seconds=30)
        assert max(took) < 3, f"a key is answered after {took} s"
        terminal.press("\x11")
        began = time.monotonic()
        terminal.process.wait(20)
        assert time.monotonic() - began < 8, "it must not wait until the terminal has taken all of it"


def test_a_frame_is_written_in_pieces_that_are_whole() -> None:
    frame = "\x1b[31m" + "x" * 3000 + "\x1b[0m" + "\x1b[1;1Hrow" * 600
    written = list(pieces(frame))
    assert "".join(written) == frame
    assert len(written) > 2
    assert all(piece.startswith("\x1b") for piece in written)
