"""A drill is put into a world in which all is right, and taken back exactly; nowhere else."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from workshop_tui import drilling
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.drills import DrillError, load_drill
from workshop_tui.drills.injectors import open_injectors
from workshop_tui.drills.making import make
from workshop_tui.drills.store import FILE, DrillStore
from workshop_tui.findings import Verdict
from workshop_tui.practice import client
from workshop_tui.session import Session, open_session
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    home = tmp_path_factory.mktemp("drills")
    client.start(home / "practice", time_scale=20)
    environment = {
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "PATH": os.environ["PATH"],
    }
    try:
        async with open_session(load_settings(environment)) as opened:
            yield opened
    finally:
        client.stop(home / "practice")


async def told(lines: AsyncIterator[str]) -> list[str]:
    return [line async for line in lines]


async def world(session: Session) -> tuple[Any, Any, Any]:
    """Read what the drills below touch, as the APIs tell it, less what counts up by itself."""
    values = await drilling.read_values(session)
    arm: Arm = session.cloud.services()[Arm]  # type: ignore[assignment]
    connector: ClusterConnector = session.cloud.services()[ClusterConnector]  # type: ignore[assignment]
    credential = await arm.get(values["credential_id"], "2024-11-30")
    cluster = await connector.open_for_change()
    account = await cluster.get("ServiceAccount", values["namespace"], values["service_account"])
    deployment = await cluster.get("Deployment", values["namespace"], values["deployment"])
    assert credential
    assert account
    assert deployment
    return credential["properties"], account["metadata"].get("annotations"), deployment["spec"]


async def test_a_world_in_which_something_is_missing_takes_no_drill(session: Session) -> None:
    with pytest.raises(DrillError, match="Have it done with: workshop-tui solve"):
        await told(drilling.start(session, "bare-pods"))
    assert DrillStore(session.settings.home).running() is None


async def test_what_a_drill_made_wrong_shows_and_stopping_takes_it_back(session: Session) -> None:
    for step in session.workshop.steps:
        if not step.bonus and step.id != "run-locally":
            async for _ in session.guide.solve(step):
                pass
    before = await world(session)
    await told(drilling.start(session, "two-cooks"))
    assert await world(session) != before
    report, solved = await drilling.check(session)
    assert not solved
    assert report.verdict is Verdict.FAILED
    assert report.roots == load_drill("two-cooks").causes
    assert (session.settings.home / FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(DrillError, match="two-cooks is running since"):
        await told(drilling.start(session, "bare-pods"))

    assert (await told(drilling.stop(session)))[-1] == "Everything is as it should be."
    assert await world(session) == before
    with pytest.raises(DrillError, match="No drill is running"):
        await drilling.check(session)


async def test_one_that_is_mended_is_solved(session: Session) -> None:
    await told(drilling.start(session, "stranger-at-the-door"))
    assert not await drilling.answer_nothing(session)
    for step in ("federate", "redeploy"):
        async for _ in session.guide.solve(session.workshop.step(step)):
            pass
    _, solved = await drilling.check(session)
    assert solved
    assert "stranger-at-the-door" in DrillStore(session.settings.home).solved()
    await told(drilling.stop(session))


async def test_where_nothing_is_wrong_saying_so_solves_it(session: Session) -> None:
    await told(drilling.start(session, "absent-from-the-list"))
    report, solved = await drilling.check(session)
    assert report.verdict is Verdict.PASSED
    assert not solved
    assert await drilling.answer_nothing(session)
    await told(drilling.stop(session))


async def test_a_start_that_was_killed_in_the_middle_is_taken_back_whole(session: Session) -> None:
    before = await world(session)
    store, drill = DrillStore(session.settings.home), load_drill("stranger-at-the-door")
    # The first of its two changes alone: where a kill leaves it.
    half = replace(drill, changes=drill.changes[:1])
    injectors = open_injectors(session.target, session.cloud.services(), home=session.settings.home)
    await make(half, await drilling.read_values(session), injectors, store, store.begin(drill.id))
    assert await world(session) != before

    assert (await told(drilling.stop(session)))[-1] == "Everything is as it should be."
    assert await world(session) == before


@pytest.mark.parametrize(
    "changes", [{"kind": "azure"}, {"arm": "https://management.azure.com"}], ids=["azure", "address"]
)
async def test_nothing_but_a_practice_cloud_on_this_machine_is_touched(
    session: Session, changes: dict[str, Any]
) -> None:
    elsewhere = replace(session.target, **changes)
    with pytest.raises(DrillError, match="practice cloud on this machine only"):
        open_injectors(elsewhere, session.cloud.services(), home=session.settings.home)
