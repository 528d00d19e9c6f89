"""Every drill is proven: its causes are named, the commands that are printed mend it, stopping restores it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from drill_bench import Bench, open_bench
from drill_proofs import prove
from free_ports import free_port

from workshop_tui.drills import load_drills
from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from workshop_tui.drills import Drill

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(300)]

DRILLS = {drill.id: drill for drill in load_drills()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    home = tmp_path_factory.mktemp("proofs")
    client.start(home / "practice", time_scale=20)
    environment = {
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "LOCAL_PORT": str(free_port()),
        "PATH": os.environ["PATH"],
    }
    try:
        async with open_bench(environment, tmp_path_factory.mktemp("shell")) as opened:
            await opened.solve(bonus=False)
            yield opened
    finally:
        client.stop(home / "practice")


@pytest.mark.parametrize("drill", DRILLS.values(), ids=DRILLS)
async def test_a_drill_is_proven(bench: Bench, drill: Drill) -> None:
    proof = await prove(bench, drill)
    print(proof)
    assert not proof.told, proof.told
