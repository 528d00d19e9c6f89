"""The desk in an xterm.js, as VS Code and Codespaces have it: keys, mouse, sizes, copying, toasts."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import wait_for
from xterm_terminal import XtermTerminal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(240)
GARDEN = Path(__file__).with_name("garden_desk.py")


@pytest.fixture
def xterm(tmp_path: Path) -> Iterator[XtermTerminal]:
    command = [sys.executable, str(GARDEN), str(tmp_path / "home")]
    (tmp_path / "home").mkdir()
    with closing(XtermTerminal(command, tmp_path / "chromium", (1100, 620))) as terminal:
        terminal.wait("1 · Light the lamp at the terrace", "✘ failed", "a Do it")
        yield terminal


def test_keys_mouse_sizes_and_copying(xterm: XtermTerminal) -> None:
    press = xterm.page.press
    # Letters alone: Ctrl+P, Ctrl+F, F1 and Alt are kept by the editor around the terminal.
    press("?")
    xterm.wait("This step", "Open the next step")
    press("q")
    xterm.wait_without("Open the next step")
    press(":")
    xterm.wait("Search for commands")
    press("Escape")
    press("Escape")
    xterm.wait_without("Search for commands")

    xterm.click("? Help")
    xterm.wait("Open the next step")
    press("Escape")
    xterm.wait_without("Open the next step")
    xterm.click("2 Light the lamp")
    xterm.wait("The gate is shut")

    press("y")
    xterm.wait("Sent to the clipboard")
    copied = "navigator.clipboard.readText().then(text => { window.copied = text })"
    xterm.page.evaluate(copied)
    wait_for(lambda: "garden lamp create" in (xterm.page.evaluate("window.copied") or ""))

    xterm.wait_without("Sent to the clipboard")
    xterm.resize(700, 420)
    xterm.wait(" Read  Steps  Check")
    columns = xterm.page.evaluate("terminal.cols")
    assert 70 <= columns < 100
    wait_for(lambda: xterm.rows()[-1].strip().startswith("a Do it"))
    xterm.resize(1600, 900)
    xterm.wait("─ Steps ─", "─ Checks")
    wait_for(lambda: xterm.rows()[-1].strip().startswith("a Do it"))
    press("Q")
    process = xterm.joint.process
    assert process is not None
    assert process.wait(20) == 0


@pytest.mark.parametrize("width", [1100, 700])
def test_a_toast_leaves_nothing_behind(xterm: XtermTerminal, width: int) -> None:
    xterm.resize(width, 620)
    top = xterm.wait("Tab  Read" if width < 1000 else "─ Checks", "a Do it")[:2]
    xterm.page.press("w")
    told = "No action has been done"
    xterm.wait(told)
    assert xterm.wait_without(told)[:2] == top
