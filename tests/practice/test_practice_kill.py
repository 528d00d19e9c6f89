"""Killed (-9) at random moments under many clients, and started again: nothing answered is lost or doubled.

`scripts/endure` runs it for long: WORKSHOP_TUI_KILLS says how often it is killed, WORKSHOP_TUI_KILL_SEED
repeats a run's choices (moments still differ).
"""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING

import pytest
from kill_clients import Access, Writer
from kill_world import Cloud
from kill_writers import ConfigMaps, Images, Shoppers, Watcher
from kill_writers_azure import Account, Identities, Trusts

from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KILLS = int(os.environ.get("WORKSHOP_TUI_KILLS", "5"))
SEED = int(os.environ.get("WORKSHOP_TUI_KILL_SEED", "0")) or secrets.randbelow(10**6) + 1
AUDIT_KEEPS = 2000


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    made = Cloud(tmp_path / "practice", SEED)
    await made.start()
    yield made
    await made.stop()


def make_writers(cloud: Cloud, access: Access) -> list[Writer]:
    kinds = (ConfigMaps, ConfigMaps, Watcher, Identities, Trusts, Account, Images, Shoppers)
    writers = [kind(cloud, access, f"{kind.__name__.lower()}{number}") for number, kind in enumerate(kinds)]
    versions: dict[str, str] = {}
    for each in writers:
        if isinstance(each, ConfigMaps | Watcher):
            each.versions = versions
    return writers


def newest_version(cloud: Cloud) -> int:
    """Return the version the dead cluster will count on from; after a start its own writes would hide it."""
    store = Store(cloud.folder / "store.sqlite")
    document = store.read("cluster", "resourceVersion")
    store.close()
    assert document is not None
    return int(document["value"])


async def verify_log(cloud: Cloud, access: Access) -> None:
    """Every request that was answered is in the request log once, the lost ones at most once."""
    http = cloud.client()
    for service, answered in cloud.answered.items():
        kept = list(answered)[-AUDIT_KEEPS // 2 :]
        path = f"/practice/audit?service={service}"
        entries = (await cloud.send(http, "arm", "GET", path, headers=access.arm)).json()["value"]
        counts: dict[str, int] = {}
        for each in entries:
            counts[each["user_agent"]] = counts.get(each["user_agent"], 0) + 1
        assert {name: counts.get(name, 0) for name in kept} == dict.fromkeys(kept, 1), service
        assert all(counts.get(name, 0) <= 1 for name in cloud.lost), service


@pytest.mark.timeout(60 + 30 * KILLS)
async def test_what_was_answered_is_there_once_after_every_kill(cloud: Cloud) -> None:
    print(f"WORKSHOP_TUI_KILL_SEED={SEED}")  # noqa: T201  # shown when it fails
    access = Access(cloud)
    await access.sign_in(cloud.client())
    writers = make_writers(cloud, access)
    for number in range(KILLS):
        for each in writers:
            each.http = cloud.client()
        await asyncio.gather(*(each.verify() for each in writers))
        cloud.kill_after(cloud.random.randrange(20, 300))
        async with asyncio.TaskGroup() as group:
            for each in writers:
                group.create_task(each.run())
        cloud.reap()
        await cloud.forget_clients()
        assert newest_version(cloud) >= max(getattr(each, "newest", 0) for each in writers)
        if number % 2:
            await cloud.kill_during_start()
        await cloud.start()
    for each in writers:
        each.http = cloud.client()
    await asyncio.gather(*(each.verify() for each in writers))
    await verify_log(cloud, access)
