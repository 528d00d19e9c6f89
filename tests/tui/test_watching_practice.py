"""The desk over a practice cloud: what a learner does in another terminal, and what the cloud was asked."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from desk_world import seated, until, verdict

from workshop_tui.cloud import versions
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.events import Found, StepJudged
from workshop_tui.facts import recent_readings
from workshop_tui.findings import Scope, Verdict
from workshop_tui.practice import client
from workshop_tui.session import open_session
from workshop_tui.settings import load_settings
from workshop_tui.target import practice_folder
from workshop_tui.tui.widgets import watcher as watcher_module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.session import Session

PAUSES = ("FIRST_LOOK_SECONDS", "LAST_LOOK_SECONDS", "LAST_LOOK_PASSED_SECONDS")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    try:
        client.start(practice_folder(home), time_scale=20.0)
        yield home
    finally:
        client.stop(practice_folder(home))


@pytest_asyncio.fixture
async def practice(home: Path) -> AsyncIterator[Session]:
    environment = {"WORKSHOP_TUI_HOME": str(home), "PATH": os.environ["PATH"], "HOME": str(home)}
    async with open_session(load_settings(environment, target="practice")) as session:
        # With a target in its settings the app would open a session and a desk of its own, beside this one.
        yield replace(session, settings=replace(session.settings, target=None))


async def solve(session: Session, *steps: str) -> None:
    for name in steps:
        async with aclosing(session.guide.solve(session.workshop.step(name))) as events:
            verdicts = [event.verdict async for event in events if isinstance(event, StepJudged)]
        assert verdicts[-1:] == [Verdict.PASSED]


async def asked(session: Session, service: str) -> int:
    """Return how often the service has been asked so far, by the practice cloud's own log."""
    arm = session.cloud.services()[Arm]
    assert isinstance(arm, Arm)
    answer: Any = await arm.get("/practice/audit", versions.GROUPS, service=service)
    return len(answer["value"])


async def cluster_of(session: Session) -> ClusterClient:
    connector = session.cloud.services()[ClusterConnector]
    assert isinstance(connector, ClusterConnector)
    return await connector.open_for_change()


async def test_an_open_step_that_has_passed_sends_the_model_nothing(
    practice: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await solve(practice, "exposed-key", "grant-yourself")
    for name in PAUSES:
        monkeypatch.setattr(watcher_module, name, 0.1)
    practice.journal.write("opened", "grant-yourself")
    async with seated(practice) as pilot:
        await until(pilot, lambda: "passed" in verdict(pilot))
        survey = [worker for worker in pilot.app.workers if worker.group == "survey"]
        await until(pilot, lambda: all(worker.is_finished for worker in survey))
        before, sent = await asked(practice, "openai"), practice.requests
        await until(pilot, lambda: practice.requests > sent + 6)
        assert await asked(practice, "openai") == before
        await pilot.press("c")
        async with asyncio.timeout(20):
            while await asked(practice, "openai") == before:
                await pilot.pause(0.05)
        assert await asked(practice, "openai") == before + 1


async def test_a_tick_appears_as_soon_as_the_cluster_has_changed(
    practice: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await solve(practice, "exposed-key", "managed-identity", "service-account")
    cluster = await cluster_of(practice)
    names = practice.names
    found = await cluster.get("ServiceAccount", names.namespace, names.service_account)
    assert found is not None
    await cluster.delete("ServiceAccount", names.namespace, names.service_account)
    for name in PAUSES:
        monkeypatch.setattr(watcher_module, name, 600.0)
    practice.journal.write("opened", "service-account")
    async with seated(practice) as pilot:
        await until(pilot, lambda: "failed" in verdict(pilot))
        metadata = {key: found["metadata"][key] for key in ("name", "annotations")}
        # The watches open a moment after the first look; what is changed before is not heard.
        async with asyncio.timeout(30):
            while "passed" not in verdict(pilot):
                await cluster.create(
                    "ServiceAccount", names.namespace, {**found, "metadata": metadata, "secrets": None}
                )
                await until_seen(pilot, "passed")
                if "passed" not in verdict(pilot):
                    await cluster.delete("ServiceAccount", names.namespace, names.service_account)


async def test_a_change_in_the_cluster_asks_azure_only_for_what_the_cluster_points_to(
    practice: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = practice.workshop.step("redeploy")

    async def sent_by_a_look(scopes: tuple[Scope, ...] | None) -> int:
        before = await asked(practice, "arm")
        async with aclosing(practice.guide.check([step], scopes=scopes)) as events:
            assert [event async for event in events]
        return await asked(practice, "arm") - before - 1  # reading the log is a request, too

    whole = await sent_by_a_look(None)
    woken = await sent_by_a_look((Scope.CLUSTER,))
    assert woken <= whole - 2, "group and cluster are known from a moment ago"
    monkeypatch.setattr(recent_readings, "KEPT_SECONDS", 0.0)
    assert await sent_by_a_look((Scope.CLUSTER,)) == whole, "what is older is read anew"


async def test_what_was_missing_a_moment_ago_is_never_taken_from_then(
    practice: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A learner makes the cluster known and mends the cluster in one go: the look at it must see both."""
    step = practice.workshop.step("exposed-key")
    scopes = (Scope.CLUSTER,)

    async def causes() -> set[str | None]:
        async with aclosing(practice.guide.check([step], scopes=scopes)) as events:
            return {event.finding.cause async for event in events if isinstance(event, Found)}

    right = await causes()
    azure = practice.cloud.services()[Azure]

    async def none() -> list[object]:
        return []

    with monkeypatch.context() as away:
        away.setattr(recent_readings, "KEPT_SECONDS", -1.0)
        away.setattr(azure, "clusters", none)
        assert await causes() != right
    assert await causes() == right


async def until_seen(pilot: Any, word: str, seconds: float = 4.0) -> None:
    """Wait for the word in the verdict, though not for ever."""
    end = asyncio.get_running_loop().time() + seconds
    while word not in verdict(pilot) and asyncio.get_running_loop().time() < end:
        await pilot.pause(0.05)
