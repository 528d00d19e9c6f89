"""What the findings look like, and that the panel scrolls by itself only where that helps the learner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from desk_world import seated, until, verdict
from textual.events import MouseScrollUp

from workshop_tui.findings import Finding, Scope, failed, passed
from workshop_tui.guide import Guide
from workshop_tui.model import Names
from workshop_tui.tui.widgets.finding_text import finding_text
from workshop_tui.tui.widgets.findings_panel import FindingRow, FindingsPanel
from workshop_tui.tui.widgets.hanging_text import hang
from workshop_tui.tui.widgets.parts import Parts
from workshop_tui.workshop import Check, load_workshop

if TYPE_CHECKING:
    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

BULB = """
@check("Bulb {number} is whole", scope=Scope.AZURE)
def bulb_{number}(lamps: Requirements) -> Finding:
    if "bulb {number}" in lamps.entries:
        command = "" if lamps.entries["bulb {number}"] == "same" else "change {number}"
        return failed("reading.unexpected", "broken", expected="whole", command=command)
    return passed("whole, by its filament")
"""
SMALL = (80, 24)


@pytest.fixture
def bulbs(session: Session, lamps: Lamps) -> Session:
    """The first step, which has passed so far, has thirty checks more: more than a screen holds."""
    path = session.workshop.folder / "steps" / "first_lamp" / "__init__.py"
    path.write_text(path.read_text() + "".join(BULB.format(number=number) for number in range(30)))
    workshop = load_workshop(session.workshop.folder)
    services = lambda: {**lamps.services(), Names: session.names}  # noqa: E731 - as the other worlds have it
    lamps.lit["first"] = "on"
    return replace(session, workshop=workshop, guide=Guide(workshop, services, session.journal, {}))


def panel(pilot: Pilot[int]) -> FindingsPanel:
    return pilot.app.screen.query_one(FindingsPanel)


def rows_of(pilot: Pilot[int]) -> list[FindingRow]:
    return list(panel(pilot).query(FindingRow))


def in_sight(pilot: Pilot[int], number: int) -> bool:
    """Say whether the row about this bulb is whole on the screen."""
    (row,) = (row for row in panel(pilot).query(FindingRow) if row.check.title == f"Bulb {number} is whole")
    return row.region.height > 0 and panel(pilot).region.contains_region(row.region)


@pytest.mark.parametrize("size", [(120, 15), (120, 40)])
async def test_the_first_failure_comes_into_sight_as_it_is_found(
    bulbs: Session, lamps: Lamps, size: tuple[int, int]
) -> None:
    lamps.lit["bulb 25"] = "broken"
    async with seated(bulbs, size) as pilot:
        await until(pilot, lambda: in_sight(pilot, 25))


async def test_turning_to_the_checks_shows_the_first_failure(bulbs: Session, lamps: Lamps) -> None:
    lamps.lit.update({"bulb 20": "broken", "bulb 28": "broken"})
    async with seated(bulbs, SMALL) as pilot:
        assert panel(pilot).scroll_y == 0
        await pilot.press("tab", "tab")
        assert pilot.app.screen.query_one(Parts).turned_to == "check"
        await until(pilot, lambda: in_sight(pilot, 20))


async def test_what_is_found_later_moves_neither_what_is_read_nor_the_focus(
    bulbs: Session, lamps: Lamps
) -> None:
    lamps.lit["bulb 25"] = "broken"
    async with seated(bulbs, (120, 40)) as pilot:
        await until(pilot, lambda: in_sight(pilot, 25))
        panel(pilot).scroll_to(y=3, animate=False)
        await pilot.pause()
        focused = pilot.app.screen.focused
        lamps.lit["bulb 29"] = "broken"
        lamps.lit.pop("bulb 25")
        await pilot.press("c")
        await until(pilot, lambda: "Looking" not in verdict(pilot))
        await until(pilot, lambda: panel(pilot).findings["bulb-25"] == passed("whole, by its filament"))
        await pilot.pause()
        assert panel(pilot).scroll_y == 3
        assert pilot.app.screen.focused is focused


async def test_when_nothing_is_wrong_any_more_the_panel_goes_back_to_its_top(
    bulbs: Session, lamps: Lamps
) -> None:
    lamps.lit["bulb 25"] = "broken"
    async with seated(bulbs, (120, 15)) as pilot:
        await until(pilot, lambda: in_sight(pilot, 25))
        lamps.lit.pop("bulb 25")
        await pilot.press("c")
        await until(pilot, lambda: "passed" in verdict(pilot))
        await until(pilot, lambda: panel(pilot).scroll_y == 0)


async def test_who_turns_the_wheel_has_the_last_word(bulbs: Session, lamps: Lamps) -> None:
    lamps.lit["bulb 25"] = "broken"
    async with seated(bulbs, (120, 40)) as pilot:
        await until(pilot, lambda: in_sight(pilot, 25))
        there = panel(pilot).scroll_y
        x, y = panel(pilot).region.offset
        panel(pilot).post_message(
            MouseScrollUp(panel(pilot), x + 2, y + 2, 0, 0, 0, shift=False, meta=False, ctrl=False)
        )
        await until(pilot, lambda: panel(pilot).scroll_y < there)
        lamps.lit.pop("bulb 25")
        await pilot.press("c")
        await until(pilot, lambda: "passed" in verdict(pilot))
        await pilot.pause()
        assert panel(pilot).scroll_y > 0


async def test_what_grows_above_moves_nothing_of_what_is_read(bulbs: Session, lamps: Lamps) -> None:
    async with seated(bulbs, (120, 40)) as pilot:
        await until(pilot, lambda: "passed" in verdict(pilot))
        panel(pilot).scroll_to(y=12, animate=False)
        await pilot.pause()
        read = next(row for row in panel(pilot).query(FindingRow) if row.region.y > panel(pilot).region.y)
        place = read.region.y
        lamps.lit.update({"bulb 0": "broken", "bulb 1": "broken"})
        await pilot.press("c")
        await until(pilot, lambda: "failed" in verdict(pilot))
        await until(pilot, lambda: panel(pilot).scroll_y > 12)
        assert read.region.y == place


async def test_the_same_finding_is_told_once(bulbs: Session, lamps: Lamps) -> None:
    lamps.lit.update({"bulb 3": "same", "bulb 4": "same"})
    async with seated(bulbs, (120, 40)) as pilot:
        await until(pilot, lambda: "the same as above" in str(rows_of(pilot)[5].content))
        assert "want  whole" in str(rows_of(pilot)[4].content)
        assert str(rows_of(pilot)[5].content) == "✘ Bulb 4 is whole · the same as above"


async def test_a_learner_who_reads_on_is_not_taken_elsewhere(bulbs: Session, lamps: Lamps) -> None:
    async with seated(bulbs, (120, 40)) as pilot:
        await until(pilot, lambda: "passed" in verdict(pilot))
        panel(pilot).scroll_to(y=2, animate=False)
        lamps.lit["bulb 29"] = "broken"
        await pilot.press("c")
        await until(pilot, lambda: "failed" in verdict(pilot))
        await pilot.pause()
        assert panel(pilot).scroll_y == 2


async def test_of_several_roots_the_first_of_the_chain_is_named(bulbs: Session, lamps: Lamps) -> None:
    path = bulbs.workshop.folder / "steps" / "first_lamp" / "__init__.py"
    path.write_text(path.read_text().replace("reading.unexpected", "federation.missing"))
    with_causes = replace(bulbs, workshop=load_workshop(bulbs.workshop.folder))
    guide = Guide(with_causes.workshop, lambda: {**lamps.services()}, bulbs.journal, {})
    lamps.lit["bulb 3"] = "broken"
    lamps.lit.pop("first")
    async with seated(replace(with_causes, guide=guide), (120, 40)) as pilot:
        await until(pilot, lambda: len(panel(pilot).findings) == 31)
        await until(pilot, lambda: "Nobody is signed in on this machine" in verdict(pilot))
        panel(pilot).mark({}, (), ["federation.missing", "sign-in.missing"])
        problem = panel(pilot).first_problem()
        assert problem is not None
        assert problem.check.id == "bulb-3"


LONG = "azure.workload.identity/use stands on the Deployment, where nobody reads it"


def rows(finding: Finding, width: int, *, follows: str = "") -> list[str]:
    """Return the finding as it is drawn in so many columns."""
    check = Check("label", "The pods carry the label", Scope.CLUSTER, lambda: finding)
    return [line.text.plain for line in hang(finding_text(check, finding, datetime.now(UTC), follows), width)]


def test_what_goes_on_hangs_below_its_own_text() -> None:
    told = rows(failed("pod.label-misplaced", LONG, expected="on the pods", command="kubectl patch"), 36)
    assert told[:5] == [
        "✘ The pods carry the label",
        "  is    azure.workload.identity/use",
        "        stands on the Deployment,",
        "        where nobody reads it",
        "  want  on the pods",
    ]
    assert all(line.startswith("  ") for line in told[1:])
    assert told[-1] == "  kubectl patch"


def test_what_passed_takes_one_line_where_there_is_room() -> None:
    assert rows(passed("azure.workload.identity/use=true"), 76) == [
        "✔ The pods carry the label · azure.workload.identity/use=true"
    ]


def test_a_consequence_takes_two() -> None:
    told = rows(failed("pod.not-injected", "no token"), 76, follows="follows from “A” (step 3)")
    assert told == ["✘ The pods carry the label · no token", "  follows from “A” (step 3)"]
