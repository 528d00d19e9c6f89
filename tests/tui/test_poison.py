"""Whatever a world says, every screen shows it as text, harmlessly, and stays alive."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from desk_world import seated, until, verdict
from drawn_screen import harmless
from poison import HARMFUL, POISON
from textual.widgets import RichLog

from workshop_tui.cli.narrate import Narrator
from workshop_tui.cloud.processes import stream_command
from workshop_tui.cloud.text import clean, tail
from workshop_tui.doctor.diagnosis import Diagnosis, State
from workshop_tui.events import Outlook
from workshop_tui.guide import Guide
from workshop_tui.journal import recall
from workshop_tui.model import Names
from workshop_tui.report import as_json
from workshop_tui.report_junit import as_junit
from workshop_tui.report_markdown import as_markdown
from workshop_tui.report_page import as_html
from workshop_tui.report_text import as_table
from workshop_tui.session import take_report
from workshop_tui.trust_chain import Evidence, Link, LinkState
from workshop_tui.tui.messages import Drifted, Happened
from workshop_tui.tui.screens import readings
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.plan_card import PlanCard
from workshop_tui.tui.widgets.finding_text import mark_difference
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

CODE = """
from workshop_tui.authoring import (
    ActionError, AsyncIterator, Change, Finding, Planned, Progress, Requirements, Scope, SourceChanges, Undo,
    Working, action, check, failed, reset,
)
from poison import POISON

def poisoned(number, name):
    def judge(lamps: Requirements) -> Finding:
        said = POISON[name]
        return failed("reading.unexpected", said, expected=said + "!", remedy=said, command=said)

    judge.__name__ = f"judge_{number}"
    return check(f"It says {name}", scope=Scope.AZURE)(judge)

for number, name in enumerate(POISON):
    globals()[f"judge_{number}"] = poisoned(number, name)

@action
async def do(hands: SourceChanges) -> AsyncIterator[Progress]:
    for name, said in POISON.items():
        change = Change(said, said, difference=("+" + said, "-" + said))
        yield Planned(change)
        yield Working(said, 0.5, said)
    await hands.write("first", "on")
    raise ActionError(POISON["markup that closes nothing"], POISON["a cleared screen"])

@reset
def undo(hands: SourceChanges) -> list[Undo]:
    return [Undo(Change(said, said), lambda: hands.restore("first")) for said in POISON.values()]
"""


@pytest.fixture
def poisoned(session: Session, lamps: Lamps) -> Session:
    """The lamps, whose first step says every poison in all its words."""
    (session.workshop.folder / "steps" / "first_lamp" / "__init__.py").write_text(CODE)
    workshop = load_workshop(session.workshop.folder)
    guide = Guide(workshop, lambda: {**lamps.services(), Names: session.names}, session.journal, {})
    return replace(session, workshop=workshop, guide=guide)


async def back(pilot: Pilot[int]) -> None:
    while not isinstance(pilot.app.screen, Desk):
        await pilot.press("escape")
        await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_every_screen_over_a_poisoned_world(poisoned: Session, size: tuple[int, int]) -> None:
    async with seated(poisoned, size) as pilot:
        await harmless(pilot, shows="[bold]loud")
        await pilot.press("e")
        await harmless(pilot, shows="[bold]loud")
        await back(pilot)
        await pilot.press("a")
        await harmless(pilot, shows="[bold]loud")
        assert isinstance(pilot.app.screen, PlanCard)
        await pilot.press("enter")
        await until(pilot, lambda: next(iter(poisoned.journal.entries("action-failed")), None))
        await until(pilot, lambda: "failed" in verdict(pilot))
        await harmless(pilot, shows="[/] and [/red]")
        await pilot.press("w")
        await harmless(pilot, shows="[bold]loud")
        await back(pilot)
        await pilot.press("u")
        await harmless(pilot, shows="steps have passed")
        await pilot.press("x")
        await harmless(pilot, shows="y remove all of it")
        await back(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app.return_code == 0)


async def test_what_was_not_cleaned_where_it_was_read(
    poisoned: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "\n".join(POISON.values())

    async def app_log() -> tuple[str, str]:
        return POISON["markup that closes nothing"], said

    monkeypatch.setattr(poisoned.guide, "app_log", app_log)
    link = Link(said, "first-lamp", LinkState.BROKEN, said, (Evidence(said, said, said + "!"),))
    async with seated(poisoned) as pilot:
        desk = pilot.app.screen
        await pilot.press("l")
        await harmless(pilot, shows="[/] and [/red]")
        log = pilot.app.screen.query_one(RichLog)
        await until(pilot, lambda: log.lines)
        await back(pilot)
        desk.post_message(Happened(Outlook((link,) * 6, {"RG_NAME": said})))
        desk.post_message(Drifted([poisoned.workshop.steps[0]], said))
        await until(pilot, lambda: pilot.app._notifications)
        await pilot.pause(0.3)
        await harmless(pilot)
        await pilot.press("t")
        await harmless(pilot, shows="[bold]loud")
        await back(pilot)
        lack = Diagnosis("tool", said, (), State.LACKING, observed=said, remedy=said, command=said)
        pilot.app.push_screen(readings.doctor_text([lack]))
        await harmless(pilot, shows="[bold]loud")


async def test_what_is_printed_and_kept(poisoned: Session, capsys: pytest.CaptureFixture[str]) -> None:
    report = await take_report(poisoned, poisoned.workshop.steps)
    narrator = Narrator(colour=False)
    async for event in poisoned.guide.solve(poisoned.workshop.steps[0]):
        narrator.tell(event)
    async for event in poisoned.guide.reset(poisoned.workshop.steps):
        narrator.tell(event)
    told = {
        "table": as_table(report),
        "JSON": as_json(report),
        "JUnit": as_junit(report),
        "Markdown": as_markdown(report),
        "HTML": as_html(report),
        "narration": capsys.readouterr().out,
        "journal": "".join(str(entry.body) for _, entry in recall(poisoned.settings.home, limit=1000)[0]),
    }
    for name, text in told.items():
        assert "[bold]loud" in text, name
        assert not HARMFUL.search(text), name
    assert "<a " not in told["HTML"]


@pytest.mark.parametrize("end", ["", "\n"])
def test_ten_megabytes_on_one_line_take_no_time(end: str) -> None:
    line = "\x1b]0;" + "y" * 10_000_000 + end
    started = time.process_time()
    assert clean(line) == ""
    assert len(tail(line)) <= 4000
    assert len(clean("y" * 10_000_000)) == 500
    assert time.process_time() - started < 2


async def test_a_program_that_says_ten_megabytes_on_one_line_is_heard_out() -> None:
    said = "import sys; sys.stdout.write('z' * 10_000_000); print(); print('done')"
    lines = [
        line
        async for line in stream_command([sys.executable, "-c", said], seconds=60, environment=os.environ)
    ]
    assert lines[-1] == "done"
    assert sum(map(len, lines)) < 2000


def test_what_differs_is_marked_without_comparing_letter_by_letter_where_there_is_much() -> None:
    started = time.process_time()
    observed, expected = mark_difference("s" * 20_000 + "a" + "s" * 20_000, "s" * 20_000 + "b" + "s" * 20_000)
    assert [span[:2] for span in observed.spans] == [(20_000, 20_001)]
    assert [span[:2] for span in expected.spans] == [(20_000, 20_001)]
    assert time.process_time() - started < 1
