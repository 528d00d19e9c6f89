"""When the desk looks by itself: as soon as something changes, and never at the learner's expense."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from desk_world import seated, until, verdict
from live_world import Model, with_model

from workshop_tui.findings import Scope
from workshop_tui.guide import Guide
from workshop_tui.model import Names
from workshop_tui.tui import asking_pace
from workshop_tui.tui import presence as presence_module
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.widgets import watcher as watcher_module
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session

IN_CLUSTER = """
@check("It is plugged in", scope=Scope.CLUSTER)
def plugged(lamps: Requirements) -> Finding:
    return failed("reading.unexpected", "pulled") if "pulled" in lamps.entries else passed("plugged in")
"""


@dataclass
class Namespace:
    """Changes when it is told to; knows how many watch."""

    ears: list[asyncio.Queue[bool]] = field(default_factory=list)
    looks: list[frozenset[Scope] | None] = field(default_factory=list)

    def change(self) -> None:
        for ear in self.ears:
            ear.put_nowait(True)  # noqa: FBT003 - a queue's item

    @asynccontextmanager
    async def listened_to(self) -> AsyncIterator[asyncio.Queue[bool]]:
        ear: asyncio.Queue[bool] = asyncio.Queue()
        self.ears.append(ear)
        try:
            yield ear
        finally:
            self.ears.remove(ear)


class Listening(Guide):
    """A guide that hears the namespace change, and notes where each pass looks."""

    namespace: Namespace

    async def watch_namespace(self) -> AsyncGenerator[None, None]:
        async with self.namespace.listened_to() as ear:
            while await ear.get():
                yield

    def check(self, steps: object, *, scopes: object = None, **more: object) -> object:  # type: ignore[override]
        self.namespace.looks.append(frozenset(scopes) if scopes else None)  # type: ignore[call-overload]
        return super().check(steps, scopes=scopes, **more)  # type: ignore[arg-type]


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> Namespace:
    """Nobody looks by themselves for a long time, but at what changes."""
    for name in ("FIRST_LOOK_SECONDS", "LAST_LOOK_SECONDS", "LAST_LOOK_PASSED_SECONDS"):
        monkeypatch.setattr(watcher_module, name, 600.0)
    monkeypatch.setattr(watcher_module, "CLUSTER_LOOK_SECONDS", 0.05)
    return Namespace()


def in_a_cluster(session: Session, lamps: Lamps, namespace: Namespace) -> Session:
    """The first step looks at the cluster, too."""
    path = session.workshop.folder / "steps" / "first_lamp" / "__init__.py"
    path.write_text(path.read_text() + IN_CLUSTER)
    workshop = load_workshop(session.workshop.folder)
    guide = Listening(workshop, lambda: {**lamps.services(), Names: session.names}, session.journal, {})
    guide.namespace = namespace
    return replace(session, workshop=workshop, guide=guide)


async def test_what_changes_is_looked_at_at_once_and_only_where_it_changed(
    session: Session, lamps: Lamps, namespace: Namespace
) -> None:
    lamps.lit["first"] = "on"
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: "passed" in verdict(pilot) and namespace.ears)
        lamps.lit["pulled"] = "yes"
        namespace.change()
        await until(pilot, lambda: "pulled" in verdict(pilot))
        assert namespace.looks[-1] == frozenset({Scope.CLUSTER})
        lamps.lit.pop("pulled")
        namespace.change()
        await until(pilot, lambda: "passed" in verdict(pilot))


async def test_a_change_tells_no_more_than_what_was_looked_at(
    session: Session, lamps: Lamps, namespace: Namespace
) -> None:
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: "failed" in verdict(pilot) and namespace.ears)
        count = len(namespace.looks)
        namespace.change()
        await until(pilot, lambda: len(namespace.looks) > count)
        await pilot.pause(0.2)
        assert "failed" in verdict(pilot), (
            "the lamp itself is dark still, wherever the cluster's checks passed"
        )


async def test_nobody_listens_for_a_step_that_is_not_about_the_cluster(
    session: Session, lamps: Lamps, namespace: Namespace
) -> None:
    lamps.lit["first"] = "on"
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: namespace.ears)
        await pilot.press("n")
        await until(pilot, lambda: session.journal.last_step() == "second-lamp")
        await until(pilot, lambda: not namespace.ears and "failed" in verdict(pilot))
        await pilot.pause(0.2)
        assert not namespace.ears


async def test_nobody_listens_while_nobody_is_there(
    session: Session, lamps: Lamps, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = asyncio.Event()

    async def wait_until_away(_: presence_module.Presence) -> None:
        await gone.wait()

    monkeypatch.setattr(presence_module.Presence, "wait_until_away", wait_until_away)
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: namespace.ears)
        gone.set()
        await until(pilot, lambda: not namespace.ears)


async def test_who_presses_no_key_for_a_while_is_not_there(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "AWAY_SECONDS", 0.3)
    app = WorkshopApp(session.settings)
    async with app.run_test() as pilot:
        await pilot.press("down")
        async with asyncio.timeout(30):
            await app.presence.wait_until_away()
        assert app.presence.idle_seconds >= 0.3


async def test_nobody_listens_during_an_action(session: Session, lamps: Lamps, namespace: Namespace) -> None:
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: namespace.ears)
        desk = pilot.app.screen
        assert isinstance(desk, Desk)
        desk.query_one(watcher_module.Watcher).rest()
        await until(pilot, lambda: not namespace.ears)


async def test_leaving_ends_the_listening(session: Session, lamps: Lamps, namespace: Namespace) -> None:
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: namespace.ears)
        await pilot.press("ctrl+q")
    assert not namespace.ears


async def test_a_step_that_has_passed_asks_the_model_no_more_unless_somebody_wants_to_know(
    session: Session, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST_LOOK_SECONDS", "LAST_LOOK_SECONDS", "LAST_LOOK_PASSED_SECONDS"):
        monkeypatch.setattr(watcher_module, name, 0.05)
    monkeypatch.setattr(asking_pace, "FIRST_ASK_SECONDS", 0.2)
    lamps.lit["first"] = "on"
    model = Model()
    watched = with_model(session, lamps, model, "first")
    async with seated(watched) as pilot:
        await until(pilot, lambda: "passed" in verdict(pilot))
        assert model.requests == 1
        before = lamps.reads
        await until(pilot, lambda: lamps.reads > before + 5)
        assert model.requests == 1
        await press_c(pilot, model)
        assert model.requests == 2
        lamps.lit.pop("first")
        await until(pilot, lambda: "failed" in verdict(pilot))
        asked = model.requests
        # While it has not passed, the answer is a part of what is missing.
        await until(pilot, lambda: model.requests > asked)


async def test_a_step_that_fails_by_the_models_answer_asks_for_it_again_only_when_its_time_has_come(
    session: Session, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST_LOOK_SECONDS", "LAST_LOOK_SECONDS", "LAST_LOOK_PASSED_SECONDS"):
        monkeypatch.setattr(watcher_module, name, 0.05)
    monkeypatch.setattr(asking_pace, "FIRST_ASK_SECONDS", 600.0)
    lamps.lit["first"] = "on"
    model = Model(shines=False)
    async with seated(with_model(session, lamps, model, "first")) as pilot:
        await until(pilot, lambda: "failed" in verdict(pilot) and "asks again" in verdict(pilot))
        before = lamps.reads
        assert 540 < asks_again_in(verdict(pilot)) <= 601, "ten minutes from the first answer"
        await until(pilot, lambda: lamps.reads > before + 5)
        assert model.requests == 1, "the looks went on, and nobody paid for them"
        model.shines = True
        await press_c(pilot, model)
        await until(pilot, lambda: "passed" in verdict(pilot))
        assert model.requests == 2


async def test_what_changes_beside_the_models_answer_has_it_asked_for_soon(
    session: Session, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST_LOOK_SECONDS", "LAST_LOOK_SECONDS", "LAST_LOOK_PASSED_SECONDS"):
        monkeypatch.setattr(watcher_module, name, 0.05)
    monkeypatch.setattr(asking_pace, "FIRST_ASK_SECONDS", 0.3)
    monkeypatch.setattr(asking_pace, "LAST_ASK_SECONDS", 600.0)
    model = Model(shines=False)
    async with seated(with_model(session, lamps, model, "first")) as pilot:
        await until(pilot, lambda: model.requests >= 6 or far_off(verdict(pilot)))
        asked = model.requests
        model.shines = True
        lamps.lit["first"] = "on"  # by hand, in another shell
        await until(pilot, lambda: "passed" in verdict(pilot))
        assert model.requests == asked + 1


async def test_a_look_that_is_asked_for_as_another_ends_is_not_put_off(
    session: Session, lamps: Lamps, namespace: Namespace
) -> None:
    async with seated(in_a_cluster(session, lamps, namespace)) as pilot:
        await until(pilot, lambda: "failed" in verdict(pilot) and namespace.ears)
        lamps.lit["first"] = "on"
        watcher = pilot.app.screen.query_one(watcher_module.Watcher)
        watcher.look_now()
        watcher.look_again(changed=False)  # which here is ten minutes off
        await until(pilot, lambda: "passed" in verdict(pilot))


def asks_again_in(told: str) -> float:
    """Seconds from now to the time in the verdict's line."""
    found = re.search(r"asks again (\d\d):(\d\d):(\d\d)", told)
    assert found is not None, told
    hour, minute, second = (int(part) for part in found.groups())
    now = datetime.now().astimezone()
    ahead = (now.replace(hour=hour, minute=minute, second=second) - now).total_seconds()
    return (ahead + 43200) % 86400 - 43200


def far_off(told: str) -> bool:
    """Whether the model is asked again so late that only a change can bring that forward."""
    return "asks again" in told and asks_again_in(told) > 3


async def press_c(pilot: Pilot[int], model: Model) -> None:
    model.asked.clear()
    await pilot.press("c")
    await model.asked.wait()
