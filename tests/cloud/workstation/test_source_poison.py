"""What git says of a clone of somebody's: names, addresses and words of others are shown as text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from poison import HARMFUL, POISON
from workstation_world import run_git

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.source import Source
from workshop_tui.model import Checkout

if TYPE_CHECKING:
    from pathlib import Path

    from workstation_world import Upstream

SAID = "".join(POISON[name] for name in ("markup that opens", "colours", "a cleared screen", "the clipboard"))
LOUD = POISON["markup that opens"]


def harmless(told: str) -> None:
    found = HARMFUL.findall(told.replace("\n", ""))
    assert not found, found


@pytest.mark.parametrize("source_from", ["clone", "auto"])
async def test_an_address_that_nobody_answers_at(tmp_path: Path, source_from: str) -> None:
    source = Source(tmp_path / "shop", source_from=source_from, repository=f"file://{tmp_path}/{SAID}")
    lines: list[str] = []
    try:
        lines.extend([line async for line in source.fetch()])
    except ActionError as error:
        lines += ["", str(error), error.remedy]
    told = "".join(lines[1:])  # the first says the address, which is our own
    assert LOUD in told
    harmless(told)


async def test_a_server_that_says_what_it_likes(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking = tmp_path / "upload-pack"
    talking.write_bytes(b"#!/bin/sh\ncat >&2 <<'END'\n" + SAID.encode() + b"\nEND\nexit 1\n")
    talking.chmod(0o700)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[remote "origin"]\n\tuploadpack = {talking}\n')
    monkeypatch.setenv("HOME", str(home))
    source = Source(tmp_path / "shop", source_from="clone", repository=upstream.url, commit=upstream.pinned)
    with pytest.raises(ActionError) as refused:
        _ = [line async for line in source.fetch()]
    assert LOUD in str(refused.value)
    harmless(str(refused.value))


async def test_a_clone_whose_branch_remote_and_words_mean_harm(tmp_path: Path, upstream: Upstream) -> None:
    source = Source(tmp_path / "shop", source_from="clone", repository=upstream.url, commit=upstream.pinned)
    async for line in source.fetch():
        harmless(line)
    run_git(source.root, "checkout", "--quiet", "-b", "</b>user\u202egnp.exe\u200b")
    run_git(source.root, "config", "remote.origin.url", SAID)
    (source.service / "main.py").write_bytes(os.fsencode(SAID))
    run_git(source.root, "commit", "--quiet", "--all", "--message", SAID)
    found = await source.checkout()
    assert isinstance(found, Checkout)
    assert found.own_commits
    harmless(repr(found))
    async for line in source.fetch():
        harmless(line)
