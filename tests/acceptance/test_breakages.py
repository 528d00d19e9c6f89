"""Do the checks tell the truth? A practice world, finished once, is broken in one thing after another.

Each breakage is made as a person would make it; the checks must turn red with the cause that it has, nothing
else in their steps may turn red without need, and what is mended must be green again. What is only done
differently must stay green. A check that no breakage covers fails the last test.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import breakages_azure
import breakages_cluster
import breakages_fresh
import breakages_lies
import breakages_own_ways
import breakages_pods
import breakages_reach
import breakages_service
import breakages_workstation
import pytest
import pytest_asyncio
from breakages_world import practice_world

from workshop_tui.workshop import find_bundled, load_workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractContextManager

    from breakages import Breakage, Harmless, World

    from workshop_tui.findings import Finding

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.timeout(120),
]

BREAKAGES = (
    *breakages_azure.BREAKAGES,
    *breakages_workstation.BREAKAGES,
    *breakages_cluster.BREAKAGES,
    *breakages_service.BREAKAGES,
    *breakages_pods.BREAKAGES,
    *breakages_reach.BREAKAGES,
    *breakages_lies.BREAKAGES,
    *breakages_azure.LAST,
)
HARMLESS = (
    *breakages_azure.HARMLESS,
    *breakages_workstation.HARMLESS,
    *breakages_cluster.HARMLESS,
    *breakages_own_ways.HARMLESS,
    *breakages_lies.HARMLESS,
)
HEADING = """\
# What was broken, and what the checks said

Written by `scripts/breakages` out of a run of `tests/acceptance/test_breakages.py`: one practice world,
finished, then broken in one thing after another, each mended before the next. Rows with “passed” are other
right ways.

| what was done | check | verdict | cause | root cause of the whole | mended by |
| --- | --- | --- | --- | --- | --- |
"""
FOOTER = """
## What was not brought about

| cause | why |
| --- | --- |
| identity.ids-unknown | Azure gives both ids as it creates an identity, and takes none away |
| image.no-digest | the digest is counted from the manifest's bytes: there is none without |
| issuer.not-served | Azure serves the documents of every issuer that it names; nobody else can stop it |
| pod.memory-low | who takes more than the limit is OOMKilled, here as there: `pod.out-of-memory` |

`pod.outdated-issuer` and `federation.propagating` need a world of their own:
`tests/acceptance/test_before_it_counts.py`. A stopped cluster is the drill `after-hours`.
"""


def called(case: Breakage | Harmless) -> str:
    return case.name.replace(" ", "-")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A new practice world, in which nothing has been done yet."""
    async with practice_world(tmp_path_factory.mktemp("breakages")) as made:
        yield made


async def test_the_fresh_world_is_red_for_what_it_lacks(world: World) -> None:
    report = await world.report((), {})
    found = {f"{item.step.id}/{check.id}": found for item in report.steps for check, found in item.findings}
    red = {check: finding.cause for check, finding in found.items() if finding.cause}
    assert red == breakages_fresh.RED
    assert report.roots == breakages_fresh.ROOTS


async def test_the_finished_world_is_green(world: World) -> None:
    await world.solve(*(step.id for step in world.session.workshop.steps))
    await world.is_green(())


@pytest.mark.parametrize("case", HARMLESS, ids=called)
async def test_another_right_way_stays_green(world: World, case: Harmless) -> None:
    async def look() -> None:
        await world.is_green(case.steps, case.settings)

    await within(case.how(world.hands), look)
    await world.is_green(case.steps)
    world.note(case, {})


@pytest.mark.parametrize("case", BREAKAGES, ids=called)
async def test_a_breakage_is_told_by_its_cause(world: World, case: Breakage) -> None:
    async def look() -> None:
        seen.update(await world.shows(case))
        if case.solve:
            await world.solve(*case.solve)
            await world.is_green(case.steps, case.settings)

    seen: dict[str, Finding] = {}
    await within(case.how(world.hands), look)
    await world.is_green(case.steps)
    world.note(case, seen)


async def within(broken: AbstractContextManager[None], look: Callable[[], Awaitable[None]]) -> None:
    """Look while it is broken, and mend it whatever was seen: the next test wants a whole world."""
    fault: AssertionError | None = None
    with broken:
        try:
            await look()
        except AssertionError as error:
            fault = error
    if fault is not None:
        raise fault


async def test_after_all_that_everything_is_green(world: World) -> None:
    await world.is_green(())
    document = os.environ.get("BREAKAGES_DOCUMENT")
    if document:
        # `scripts/breakages` asks for it.
        await asyncio.to_thread(
            Path(document).write_text, f"{HEADING}{chr(10).join(world.rows)}\n{FOOTER}", "utf-8"
        )


async def test_every_check_has_been_seen_red() -> None:
    checks = {
        f"{step.id}/{check.id}" for step in load_workshop(find_bundled()).steps for check in step.checks
    }
    covered = set[str]().union(*(case.red for case in BREAKAGES))
    assert checks - covered == set()
    assert covered - checks == set(), "no such check"
