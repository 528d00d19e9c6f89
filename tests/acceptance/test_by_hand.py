"""A learner who works by hand, with the real az, kubectl and docker; nothing but the pages helps.

Each step is red before its page's commands, and green after them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from learner import Terminal, blocks, edit_as_the_page_says, look, workshop_tui

from workshop_tui.findings import Verdict
from workshop_tui.pages import render
from workshop_tui.session import open_session, take_report
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from workshop_tui.session import Session
    from workshop_tui.workshop import Step

PENDING_SECONDS = 30
"""How long what becomes true by itself may take: a role's three seconds, and the time to look."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def must_be_green(environment: dict[str, str], step: str) -> None:
    """Look until the step has passed, as long as it says that it will by itself."""
    until = time.monotonic() + PENDING_SECONDS
    verdict, lines = look(environment, step)
    while verdict == "pending" and time.monotonic() < until:
        verdict, lines = look(environment, step)
    assert verdict == "passed", "\n".join(lines)


async def must_be_red(session: Session, step: Step) -> None:
    report = await take_report(session, [step])
    assert report.verdict is Verdict.FAILED or step.kind == "observe", f"{step.id}: {report.verdict} at first"


async def test_every_page(by_hand: dict[str, str]) -> None:
    environment = by_hand
    settings = load_settings(environment)
    with Terminal(environment) as terminal:
        async with open_session(settings, read_only=True) as session:
            for step in session.workshop.steps:
                await must_be_red(session, step)
                page = render(step.page, await session.guide.variables())
                for block in blocks(page, "bash"):
                    do(step, block, page, terminal, environment)
                must_be_green(environment, step.id)


def do(step: Step, block: str, page: str, terminal: Terminal, environment: dict[str, str]) -> None:
    """Do what a block says, and what stands in words beside it."""
    if block.startswith("git clone"):
        # No test needs the internet; the page has a word for who has none: “Do it for me”.
        solved = workshop_tui(environment, "solve", step.id)
        assert solved.returncode == 0, solved.stdout + solved.stderr
    elif block == "az login\n":
        # “In the practice cloud you are signed in already.”
        assert "Workshop practice" in terminal.run("az account show\n")
    elif "git diff" in block:
        edit_as_the_page_says(Path(environment["WORKSHOP_TUI_HOME"]), blocks(page, "python"))
        assert "2 files changed" in terminal.run(block)
    elif "uvicorn main:app" in block:
        run_and_ask(step, block, page, terminal, environment)
    elif step.id != "run-locally" or not block.startswith("curl"):  # that one was asked while it ran
        terminal.run(block, seconds=240)


def run_and_ask(step: Step, block: str, page: str, terminal: Terminal, environment: dict[str, str]) -> None:
    """Run the app in a terminal of its own, ask it from the first one, and look at the step meanwhile."""
    with Terminal(environment) as other:
        other.start(block)
        other.wait_for("Uvicorn running")
        (ask,) = [each for each in blocks(page, "bash") if each.startswith("curl")]
        assert '"description"' in terminal.run(ask)
        must_be_green(environment, step.id)
        other.interrupt()
