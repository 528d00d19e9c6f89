"""A session on the workshop about lamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gallery_world import draw_the_chain, examine_no_machine, garden, have_colours, stop_the_clocks
from hanging_world import HangingLamps
from lamp_world import CAUSES, CODE, PAGE, WORKSHOP, Lamps

from workshop_tui.guide import Guide
from workshop_tui.journal import Journal
from workshop_tui.model import Names
from workshop_tui.session import Session
from workshop_tui.settings import Settings
from workshop_tui.target import Target
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lamps() -> Lamps:
    return Lamps()


@pytest.fixture
def session(tmp_path: Path, lamps: Lamps) -> Iterator[Session]:
    folder = tmp_path / "lamps"
    (folder / "steps").mkdir(parents=True)
    (folder / "workshop.toml").write_text(WORKSHOP)
    for name in ("first", "second"):
        step = folder / "steps" / f"{name}_lamp"
        step.mkdir()
        (step / "step.md").write_text(PAGE.format(name=name))
        (step / "__init__.py").write_text(CODE.format(name=name, cause=CAUSES[name]))
    workshop = load_workshop(folder)
    names = Names(subscription_id="00000000-0000-0000-0000-000000000000", resource_group="lampGroup")
    target = Target(
        kind="practice",
        arm="https://127.0.0.1:1",
        arm_scope="",
        authority="",
        tenant_id="",
        names=names,
        kubeconfig=tmp_path / "kubeconfig",
    )
    journal = Journal(tmp_path, "lamps")
    guide = Guide(workshop, lambda: {**lamps.services(), Names: names}, journal, {})
    yield Session(Settings(home=tmp_path), target, workshop, journal, guide, lamps)
    journal.close()


@pytest.fixture
def slow(session: Session, lamps: Lamps) -> HangingLamps:
    """The session, over lamps that can hang."""
    return HangingLamps(session, lamps)


@pytest.fixture
def at_the_garden(tmp_path: Path, lamps: Lamps, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    have_colours(monkeypatch)
    stop_the_clocks(monkeypatch)
    draw_the_chain(monkeypatch)
    examine_no_machine(monkeypatch)
    session = garden(tmp_path, lamps)
    yield session
    session.journal.close()
