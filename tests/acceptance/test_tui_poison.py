"""The bytes that reach a real terminal over a poisoned world: the app's own controls, and nobody else's."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest
from poison import POISON, poisoned_step
from pty_terminal import PtyTerminal
from tiny_workshop import write_workshop

from workshop_tui.practice import client

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NOBODYS = (b"\x1b]52", b"\x1b]8;", b"\x1b]0;", b"\x1bc", b"\x1bP", b"\x1b[6n", b"\x1b[c", b"\x07", b"\x00")
"""The clipboard, a link, a title, a reset, a device's string, two questions, a bell, nothing."""


def test_no_control_of_the_worlds_reaches_the_terminal(tmp_path: Path) -> None:
    write_workshop(tmp_path / "tiny", look_code=poisoned_step(POISON))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")}
    environment = {**kept, "TERM": "xterm-256color", "WORKSHOP_TUI_HOME": str(tmp_path)}
    client.start(tmp_path / "practice", time_scale=20)
    words = ("run", "--practice", "--workshop", str(tmp_path / "tiny"), "--step", "look")
    terminal = PtyTerminal([sys.executable, "-m", "workshop_tui", *words], environment, (50, 160))
    try:
        terminal.wait("[bold]loud", "failed")
        terminal.press("a")
        terminal.wait("Enter do it", "[bold]loud")
        terminal.press("\r")
        terminal.wait("[/] and [/red]", "failed")
        terminal.press("e")
        terminal.wait("[bold]loud", "Esc close")
        terminal.press("?")
        terminal.press("\x11")
        terminal.left()
        assert terminal.status == 0
        assert terminal.not_restored() == []
        # Textual itself sets the pointer's shape, with a bell at the end of it.
        said = re.sub(rb"\x1b\]22;[a-z-]*\x07", b"", terminal.said)
        assert [each for each in NOBODYS if each in said] == []
        text = said.decode()  # whole UTF-8: no halves, and below no controls of the eighties
        assert not set(text) & set(map(chr, [*range(0x80, 0xA0), *range(0x202A, 0x202F), 0x200B, 0xFEFF]))
    finally:
        terminal.close()
        client.stop(tmp_path / "practice")
