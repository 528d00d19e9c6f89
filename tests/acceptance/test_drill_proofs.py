"""Drills are proven: the self-check names their causes, what it prints mends them, stopping restores all.

A fixed sample by default; `scripts/drills` proves every drill, and writes what was seen to docs/drills.md.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import drill_table
import pytest
import pytest_asyncio
from drill_bench import Bench, open_bench
from drill_proofs import Proof, prove
from free_ports import free_port

from workshop_tui.drills import load_drill, load_drills
from workshop_tui.practice import client
from workshop_tui.workshop import find_bundled, load_workshop

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import AsyncIterator, Sequence

    from workshop_tui.drills import Drill

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(300)]

SAMPLE = (
    *("nobody-answers", "no-entry", "wrong-recipient", "silent-account", "bare-pods", "on-hold"),
    *("double-trouble", "both-ends", "by-association", "other-shelf"),
)
"""One from each part of the chain, from the model to the rollout; two faults at once; other right ways."""
DOCUMENT = os.environ.get("DRILLS_DOCUMENT", "")
PROVEN: dict[str, Proof] = {}


def chosen() -> Sequence[Drill]:
    """Return the drills to prove: those for which the bonus step must be done come last."""
    bonus = {step.id for step in load_workshop(find_bundled()).steps if step.bonus}
    named = os.environ.get("DRILLS", "").split() or (() if DOCUMENT else SAMPLE)
    drills = [load_drill(name) for name in named] or load_drills()
    return sorted(drills, key=lambda drill: not bonus.isdisjoint(drill.steps))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A practice cloud in which all is done but the bonus."""
    home = tmp_path_factory.mktemp("proofs")
    # A role and a credential are young for three seconds, so that waiting for them is seen, too.
    client.start(home / "practice", time_scale=20, role_seconds=60, credential_seconds=60)
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


@pytest.mark.parametrize("drill", chosen(), ids=lambda drill: drill.id)
async def test_a_drill_is_proven(bench: Bench, drill: Drill) -> None:
    if any(bench.session.workshop.step(step).bonus for step in drill.steps):
        await bench.solve(bonus=True)
    proof = PROVEN[drill.id] = await prove(bench, drill)
    if proof.wrong:
        pytest.fail("\n".join(proof.wrong), pytrace=False)


async def test_self_checks_sent_nothing_but_looks(bench: Bench, tmp_path: Path) -> None:
    # Without the cluster in the kubeconfig its credentials have to be asked for.
    await bench.look(load_drill(SAMPLE[0]), kubeconfig=str(tmp_path / "none"))
    assert bench.unlike_looks == []
    posts = {kind for kind in bench.sent if "POST" in kind}
    assert "arm: POST …/listClusterUserCredential" in posts, "the log tells what was sent"
    assert "kubernetes: POST …/generate/description" in posts


async def test_what_was_seen_is_written_down(bench: Bench) -> None:
    if DOCUMENT:
        await asyncio.to_thread(write_down, Path(DOCUMENT), bench.sent)


def write_down(page: Path, sent: Counter[str]) -> None:
    before = page.read_text("utf-8") if page.is_file() else ""
    page.write_text(drill_table.document(load_drills(), PROVEN, sent, before), "utf-8")
