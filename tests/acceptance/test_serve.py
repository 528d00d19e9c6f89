"""`workshop-tui serve`: a learner goes through a step in a real Chromium, and nobody else gets in."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest
from browser import Page, wait_for

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    yield home
    client.stop(home / "practice")


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """What `serve` printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workshop_tui", "serve", "--practice", "--port", "0"],
        env={**os.environ, "WORKSHOP_TUI_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield next(line.strip() for line in process.stderr if "token=" in line)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with closing(Page(tmp_path / "chromium", (1280, 800))) as opened:
        yield opened


def test_a_step_is_done_in_the_browser(address: str, page: Page, home: Path) -> None:
    page.open(address)
    focused = "document.activeElement?.classList.contains('xterm-helper-textarea')"
    wait_for(lambda: page.evaluate(focused))
    wait_for(lambda: kinds(home, "opened"), 60)
    page.press("a")
    page.press("Enter")
    assert wait_for(lambda: kinds(home, "action-done"), 60) == ["exposed-key"]
    assert page.evaluate("location.search") == "", "the token is not left in the address bar"


def kinds(home: Path, kind: str) -> list[str]:
    """Return the steps of the journal's entries of a kind; none before the journal is there."""
    with closing(sqlite3.connect(home / "journal.sqlite")) as database:
        try:
            rows = database.execute("SELECT step FROM entries WHERE kind = ?", (kind,)).fetchall()
        except sqlite3.OperationalError:
            return []
    return [step for (step,) in rows]


def test_the_address_opens_once_and_only_by_its_own_name(address: str) -> None:
    base = address.partition("?")[0]
    with httpx.Client(trust_env=False) as stranger:
        assert stranger.get(base).status_code == 403
        assert stranger.get(f"{base}?token=guess").status_code == 403
        assert stranger.get(address, headers={"Host": "rebound.example"}).status_code == 403
    with httpx.Client(trust_env=False, follow_redirects=True) as owner:
        assert "The workshop is closed" in owner.get(address).text
        assert owner.get(base).status_code == 200
        assert owner.get(f"{base}ws", headers={"Origin": "https://elsewhere.example"}).status_code == 403
    with httpx.Client(trust_env=False) as late:
        assert late.get(address).status_code == 403


def test_the_page_loads_nothing_from_elsewhere(address: str) -> None:
    with httpx.Client(trust_env=False, follow_redirects=True) as owner:
        text = owner.get(address).text
    assert "https://" not in text
    assert text.count('"/static/') == 3
