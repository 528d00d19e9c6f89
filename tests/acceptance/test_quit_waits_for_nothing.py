"""Leaving waits for no thread that ends with the process: Textual's own took up to 0.2 s of 0.3."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pty_terminal import PtyTerminal

if TYPE_CHECKING:
    from pathlib import Path

TELLS_WHO_WAS_WAITED_FOR = """
import os, sys, threading
joined, join = [], threading.Thread.join
def note(thread, timeout=None):
    joined.append(thread.name)
    join(thread, timeout)
threading.Thread.join = note
from workshop_tui.settings import load_settings
from workshop_tui.tui.app import run_app
run_app(load_settings(os.environ))
print("waited for:", *joined, "and no more", flush=True)
os._exit(0)
"""


def test_nobody_waits_for_the_thread_that_reads_keys(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")}
    environment = {**kept, "TERM": "xterm-256color", "WORKSHOP_TUI_HOME": str(tmp_path)}
    terminal = PtyTerminal([sys.executable, "-c", TELLS_WHO_WAS_WAITED_FOR], environment)
    try:
        terminal.wait("Practice")
        terminal.press("\x11")
        told = terminal.wait("and no more")
        assert "textual-input" not in told
        assert "waited for:" in told
        terminal.left()
        assert not terminal.not_restored()
    finally:
        terminal.close()
