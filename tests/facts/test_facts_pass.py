from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from typing import TYPE_CHECKING

from world_facts import World

from workshop_tui.causes import CATALOGUE
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.facts.catalogue import RESOLVERS
from workshop_tui.model import (
    Absent,
    ClusterAccess,
    KubeconfigContext,
    Names,
    OpenAIAccount,
    SignedIn,
    Unreadable,
)
from workshop_tui.practice import client
from workshop_tui.settings import load_settings
from workshop_tui.target import load_target, practice_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from workshop_tui.settings import Settings


async def test_no_request_is_sent_twice_in_a_pass(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    enter = RequestGuard.enter

    def note(guard: RequestGuard, method: str, url: str) -> None:
        sent.append((method, url))
        enter(guard, method, url)

    monkeypatch.setattr(RequestGuard, "enter", note)
    async with World.open(settings, load_target(settings), read_only=True) as world, world.facts() as facts:
        readings = await asyncio.gather(*(facts.read(kind) for kind in RESOLVERS))
        assert not [item for item in readings if isinstance(item, Unreadable)]
        assert world.cloud.requests == len(sent)
    # The account is asked twice in the same words, with a token and with a made-up key; and signing in
    # takes one request for each of the two audiences, as Entra ID wants it.
    twice = {
        url: times
        for (_, url), times in Counter(sent).items()
        if times > 1 and not url.endswith("/oauth2/v2.0/token") and "/chat/completions" not in url
    }
    assert twice == {}
    assert sum(url.endswith("/oauth2/v2.0/token") for _, url in sent) == 2


async def test_a_practice_cloud_that_dies_is_told_as_unreachable(tmp_path: Path) -> None:
    environment = {"WORKSHOP_TUI_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    settings = load_settings(environment, target="practice")
    folder = practice_folder(settings.home)
    client.start(folder, time_scale=20.0)
    try:
        async with World.open(settings, load_target(settings)) as world:
            await world.must_read(SignedIn)
            await world.must_read(ClusterAccess)
            client.stop(folder)
            begun = time.monotonic()
            async with world.facts() as facts:
                for kind in (OpenAIAccount, ClusterAccess):
                    found = await facts.read(kind)
                    assert isinstance(found, Unreadable)
                    assert found.cause == "reading.unreachable"
                    assert "nothing listens" in found.reason
            async with world.named(cluster="of-another-name") as named:
                # A name tells nothing while nobody tells the address: a context of any name may be for it.
                assert isinstance(await named.read(KubeconfigContext), Unreadable)
            assert time.monotonic() - begun < 15
    finally:
        client.stop(folder)


async def test_causes_of_absences_are_in_the_catalogue(world: World) -> None:
    async with world.facts() as facts:
        readings = [await facts.read(kind) for kind in RESOLVERS if kind is not Names]
    for reading in readings:
        if isinstance(reading, Absent | Unreadable):
            assert reading.cause in CATALOGUE
