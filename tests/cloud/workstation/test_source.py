"""The learner's checkout: how it comes, is changed, put back, and never half there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from workstation_world import run_git

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.source import SERVICE, Source
from workshop_tui.model import Absent, Checkout

if TYPE_CHECKING:
    from pathlib import Path

    from workstation_world import Upstream

GENERATOR = f"{SERVICE}/routers/description_generator.py"


async def fetch(source: Source) -> list[str]:
    return [line async for line in source.fetch()]


async def read(source: Source) -> Checkout:
    found = await source.checkout()
    assert isinstance(found, Checkout)
    return found


@pytest.fixture
def clone(tmp_path: Path, upstream: Upstream) -> Source:
    return Source(tmp_path / "shop", source_from="clone", repository=upstream.url, commit=upstream.pinned)


@pytest.fixture
def starter(tmp_path: Path) -> Source:
    return Source(tmp_path / "shop", source_from="starter")


async def test_a_clone_is_at_the_pinned_commit_and_complete(clone: Source, upstream: Upstream) -> None:
    absent = await clone.checkout()
    assert isinstance(absent, Absent)
    assert absent.cause == "source.missing"
    assert absent.command.startswith(f"git clone {upstream.url}")
    await fetch(clone)
    found = await read(clone)
    assert (found.commit, found.is_starter, found.missing) == (upstream.pinned, False, ())
    assert [item.name for item in clone.root.parent.iterdir()] == ["shop"]


async def test_where_the_repository_does_not_answer_the_starter_comes(tmp_path: Path) -> None:
    source = Source(tmp_path / "shop", repository=(tmp_path / "nowhere").as_uri())
    said = await fetch(source)
    assert any("does not answer" in line for line in said)
    found = await read(source)
    assert (found.commit, found.is_starter, found.missing) == ("1", True, ())


async def test_asked_for_a_clone_the_starter_does_not_take_its_place(tmp_path: Path) -> None:
    source = Source(tmp_path / "shop", source_from="clone", repository=(tmp_path / "nowhere").as_uri())
    with pytest.raises(ActionError, match="could not be cloned"):
        await fetch(source)
    assert not source.root.exists()


@pytest.mark.parametrize("kind", ["clone", "starter"])
async def test_fetching_again_keeps_changes_and_brings_back_what_is_missing(
    kind: str, request: pytest.FixtureRequest
) -> None:
    source: Source = request.getfixturevalue(kind)
    await fetch(source)
    await source.write(GENERATOR, "# mine\n")
    (source.service / "Dockerfile").unlink()
    assert (await read(source)).missing == ("Dockerfile",)
    await fetch(source)
    assert (await read(source)).missing == ()
    assert await source.read(GENERATOR) == "# mine\n"


@pytest.mark.parametrize("kind", ["clone", "starter"])
async def test_a_changed_file_can_be_put_back(kind: str, request: pytest.FixtureRequest) -> None:
    source: Source = request.getfixturevalue(kind)
    await fetch(source)
    before, original = await read(source), await source.read(GENERATOR)
    await source.write(GENERATOR, original + "# mine\n")
    assert (await read(source)).fingerprint != before.fingerprint
    if kind == "clone":  # a learner who commits still gets back what was fetched
        run_git(source.root, "commit", "--quiet", "--all", "--message=mine")
    await source.restore(GENERATOR)
    assert await source.read(GENERATOR) == original
    assert (await read(source)).fingerprint == before.fingerprint


async def test_a_clean_clone_of_another_commit_is_moved_to_the_pinned_one(
    clone: Source, upstream: Upstream
) -> None:
    run_git(clone.root.parent, "clone", "--quiet", upstream.url, "shop")
    assert (await read(clone)).commit == upstream.newer
    await fetch(clone)
    assert (await read(clone)).commit == upstream.pinned


async def test_a_changed_clone_of_another_commit_is_left_alone(clone: Source, upstream: Upstream) -> None:
    run_git(clone.root.parent, "clone", "--quiet", upstream.url, "shop")
    await clone.write(f"{SERVICE}/main.py", "# mine\n")
    with pytest.raises(ActionError, match="has changes") as refused:
        await fetch(clone)
    assert f"checkout {upstream.pinned}" in refused.value.remedy
    assert await clone.read(f"{SERVICE}/main.py") == "# mine\n"


async def test_commits_of_ones_own_on_top_are_known_for_that(clone: Source) -> None:
    await fetch(clone)
    (clone.root / GENERATOR).write_text("# my work\n")
    run_git(clone.root, "commit", "--quiet", "--all", "--message", "My edit")
    mine = (await read(clone)).commit
    assert (await read(clone)).own_commits
    await fetch(clone)
    assert (await read(clone)).commit == mine
    (clone.root / "elsewhere.txt").write_text("not the service's")
    run_git(clone.root, "add", "elsewhere.txt")
    run_git(clone.root, "commit", "--quiet", "--message", "Something else")
    assert not (await read(clone)).own_commits


async def test_somebody_elses_folder_is_neither_overwritten_nor_deleted(starter: Source) -> None:
    starter.root.mkdir()
    (starter.root / "thesis.txt").write_text("precious")
    with pytest.raises(ActionError, match="in the way"):
        await fetch(starter)
    with pytest.raises(ActionError, match="left alone"):
        await starter.remove()
    assert (starter.root / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize("kind", ["clone", "starter"])
async def test_what_fetch_made_can_be_removed(kind: str, request: pytest.FixtureRequest) -> None:
    source: Source = request.getfixturevalue(kind)
    await fetch(source)
    await source.remove()
    await source.remove()
    assert list(source.root.parent.iterdir()) == []


async def test_a_clone_that_the_learner_made_is_not_removed(clone: Source, upstream: Upstream) -> None:
    run_git(clone.root.parent, "clone", "--quiet", upstream.url, "shop")
    with pytest.raises(ActionError, match="was not made by this workshop"):
        await clone.remove()


async def test_a_repository_around_the_starter_is_not_taken_for_it(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    (tmp_path / "shop" / "src").mkdir(parents=True)
    found = await Source(tmp_path / "shop").checkout()
    assert isinstance(found, Absent)
    assert "neither a clone" in found.detail


async def test_nothing_outside_the_checkout_is_read_or_written(starter: Source) -> None:
    await fetch(starter)
    outside = starter.root.parent / "outside"
    outside.write_text("precious")
    (starter.root / "link").symlink_to(outside)
    for path in ("../outside", "link"):
        with pytest.raises(ActionError, match="leads out"):
            await starter.write(path, "changed")
        with pytest.raises(ActionError, match="leads out"):
            await starter.read(path)
    assert outside.read_text() == "precious"


async def test_line_ends_and_permissions_survive_a_change(starter: Source) -> None:
    await fetch(starter)
    (starter.root / GENERATOR).chmod(0o640)
    await starter.write(GENERATOR, "one\r\ntwo\r\n")
    assert await starter.read(GENERATOR) == "one\r\ntwo\r\n"
    assert (starter.root / GENERATOR).stat().st_mode & 0o777 == 0o640


FETCH = """
import asyncio, pathlib, sys
from workshop_tui.cloud.source import Source

async def main():
    root, repository, commit = sys.argv[1:]
    source = Source(pathlib.Path(root), source_from="clone", repository=repository, commit=commit)
    async for _ in source.fetch():
        pass

asyncio.run(main())
"""
SLOW_GIT = """#!/bin/sh
case "$*" in *fetch*) touch {started}; sleep 60;; esac
exec {git} "$@"
"""


def fetch_and_be_killed(root: Path, upstream: Upstream) -> None:
    """Fetch in a process of its own, whose git never gets on, and kill it in the middle."""
    slow, started = root.parent / "bin" / "git", root.parent / "started"
    slow.parent.mkdir()
    slow.write_text(SLOW_GIT.format(git=shutil.which("git"), started=started))
    slow.chmod(0o755)
    killed = subprocess.Popen(
        [sys.executable, "-c", FETCH, str(root), upstream.url, upstream.pinned],
        env={**os.environ, "PATH": f"{slow.parent}:{os.environ['PATH']}"},
    )
    deadline = time.monotonic() + 20
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert list(root.parent.glob(".shop.*.part"))


async def test_killed_in_the_middle_nothing_half_is_left(upstream: Upstream, clone: Source) -> None:
    fetch_and_be_killed(clone.root, upstream)
    assert isinstance(await clone.checkout(), Absent)
    await fetch(clone)
    assert (await read(clone)).missing == ()
    assert list(clone.root.parent.glob(".shop.*")) == []


async def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ActionError, match="could not be put at"):
        await fetch(Source(tmp_path / "file" / "shop", source_from="starter"))
