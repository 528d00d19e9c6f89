"""How often the desk looks, and that what is answered late never lands on the wrong step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from desk_world import act, seated, until, verdict
from live_world import Model, with_model
from textual.widgets import OptionList, Static

from workshop_tui.events import Outlook, StepJudged
from workshop_tui.findings import Verdict
from workshop_tui.trust_chain import Link, LinkState
from workshop_tui.tui.messages import Happened
from workshop_tui.tui.screens.chain_view import ChainView
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.findings_panel import FindingRow, FindingsPanel

if TYPE_CHECKING:
    import pytest
    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session


def rows(pilot: Pilot[int]) -> str:
    return "\n".join(str(row.content) for row in pilot.app.screen_stack[1].query(FindingRow))


async def test_a_step_is_judged_once_as_the_desk_opens_and_once_by_its_action(
    session: Session, lamps: Lamps
) -> None:
    model = Model()
    async with seated(with_model(session, lamps, model, "first")) as pilot:
        await until(pilot, lambda: model.requests)
        await settled(pilot)
        assert model.requests == 1
        await act(pilot)
        await until(pilot, lambda: "passed" in verdict(pilot))
        await settled(pilot)
        assert model.requests == 2


async def test_after_a_shell_another_step_is_asked_live_only_where_nothing_else_is_wrong_with_it(
    session: Session, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, visits = Model(), iter([{"first": "on"}, {"second": "on"}])

    def run_shell(*_: object) -> None:
        lamps.lit.update(next(visits))

    monkeypatch.setattr("workshop_tui.tui.shell.shell_environment", lambda _, values: values)
    monkeypatch.setattr("workshop_tui.tui.shell.run_shell", run_shell)
    async with seated(with_model(session, lamps, model, "second")) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        await until(pilot, lambda: model.requests)
        await settled(pilot)
        assert model.requests == 1
        await pilot.press("s")
        await until(pilot, lambda: "passed" in verdict(pilot))
        await settled(pilot)
        assert model.requests == 1, "its lamp is dark: no answer of the model would tell more"
        assert desk._verdicts == {"first-lamp": Verdict.PASSED, "second-lamp": Verdict.FAILED}
        await pilot.press("s")
        await until(pilot, lambda: desk._verdicts["second-lamp"] is Verdict.PASSED)
        await settled(pilot)
        assert model.requests == 2


async def test_an_answer_that_comes_late_does_not_land_on_the_step_that_is_open_by_then(
    session: Session, lamps: Lamps
) -> None:
    lamps.lit["first"] = "on"
    model = Model(says="The first one shines.")
    async with seated(with_model(session, lamps, model, "first", "second")) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        await settled(pilot)
        model.asked.clear()
        model.ready = asyncio.Event()
        await pilot.press("c")
        await model.asked.wait()
        await desk.skip_gate(desk.session.workshop.steps[1])
        model.ready.set()
        await until(pilot, lambda: "shines" in rows(pilot))
        await settled(pilot)
        assert "first lamp" not in rows(pilot)
        assert "failed" in verdict(pilot)
        # And what was on its way before the learner went on is the first step's, in the list alone.
        desk.post_message(Happened(StepJudged("first-lamp", Verdict.PASSED)))
        await pilot.pause()
        assert "failed" in verdict(pilot)


async def test_a_pass_that_hung_does_not_overrule_what_was_seen_since(session: Session, lamps: Lamps) -> None:
    lamps.lit["first"] = "on"
    model = Model(ready=asyncio.Event())
    async with seated(with_model(session, lamps, model, "second")) as pilot:
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        assert model.ready is not None
        await model.asked.wait()  # the survey asks about the second step, and waits
        before, model.ready = model.ready, None
        lamps.lit["second"] = "on"
        await desk.go_to(desk.session.workshop.steps[1])
        await until(pilot, lambda: desk.open_step.id == "second-lamp" and "passed" in verdict(pilot))
        before.set()
        await settled(pilot)
        assert "passed" in verdict(pilot)


async def test_an_action_that_left_something_pending_does_not_end_the_next_one(
    session: Session, lamps: Lamps
) -> None:
    model = Model()
    async with seated(with_model(session, lamps, model, "first")) as pilot:
        await settled(pilot)
        model.ready = asyncio.Event()
        await act(pilot)
        activity = pilot.app.screen.query_one(Activity)
        await until(pilot, lambda: lamps.lit and not activity.is_running)
        lamps.hold = asyncio.Event()
        await act(pilot)
        await until(pilot, lambda: activity.is_running)
        await until(pilot, lambda: at_work(pilot, "act") == 1)
        await pilot.pause()
        assert activity.is_running
        lamps.hold.set()
        model.ready.set()
        await until(pilot, lambda: "passed" in verdict(pilot))


async def test_the_open_chain_follows_the_facts_and_keeps_its_place(session: Session) -> None:
    links = tuple(
        Link(f"Link {number}", "first-lamp", LinkState.OPEN, f"says {number}") for number in range(6)
    )
    async with seated(session, (80, 24)) as pilot:
        desk = pilot.app.screen
        desk.post_message(Happened(Outlook(links)))
        await pilot.pause()
        await pilot.press("t", "j", "j")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChainView))
        view = pilot.app.screen
        await until(pilot, lambda: view.query_one(OptionList).highlighted == 2)
        changed = (*links[:2], replace(links[2], state=LinkState.HOLDS, says="says so now"), *links[3:])
        desk.post_message(Happened(Outlook(changed)))
        evidence = view.query_one("#evidence", Static)
        await until(pilot, lambda: "says so now" in str(evidence.content))
        options = view.query_one(OptionList)
        assert str(options.get_option_at_index(2).prompt).startswith("✔")
        assert options.highlighted == 2
        assert options.has_focus


async def settled(pilot: Pilot[int]) -> None:
    """Wait until nobody looks at anything; the next look at the open step waits for its time."""
    await until(pilot, lambda: not at_work(pilot, "survey", "outlook", "act"))
    await until(pilot, lambda: pilot.app.screen_stack[1].query_one(FindingsPanel).findings)
    await pilot.pause()


def at_work(pilot: Pilot[int], *groups: str) -> int:
    return sum(worker.group in groups and not worker.is_finished for worker in pilot.app.workers)
