"""This machine's clock, compared with Azure's and the cluster's by what their answers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from workshop_tui.cloud import permitted
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.model import AzureClock, ClusterClock

if TYPE_CHECKING:
    from world_facts import World

ALMOST = timedelta(seconds=20)
"""How long an answer may be under way on a busy machine."""
URL = "https://login.example.org:443/a/b"


class Ahead(datetime):
    """A clock that is seven minutes ahead."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        return datetime.now(UTC) + timedelta(minutes=7)


async def test_the_clocks_of_one_machine_agree(world: World) -> None:
    azure, cluster = await world.must_read(AzureClock), await world.must_read(ClusterClock)
    assert azure.ahead is not None
    assert cluster.ahead is not None
    assert abs(azure.ahead) < ALMOST
    assert abs(cluster.ahead) < ALMOST


async def test_a_clock_that_is_ahead_shows_in_every_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permitted, "datetime", Ahead)
    azure, cluster = await world.must_read(AzureClock), await world.must_read(ClusterClock)
    assert azure.ahead is not None
    assert cluster.ahead is not None
    assert abs(azure.ahead - timedelta(minutes=7)) < ALMOST
    assert abs(cluster.ahead - timedelta(minutes=7)) < ALMOST


async def test_without_a_way_to_the_cluster_its_time_is_not_known(world: World) -> None:
    async with world.named(cluster="nothing", context="nothing") as named:
        assert await named.must_read(ClusterClock) == ClusterClock(None)


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "Wed, 25 Nov 2026", "Wed, 99 Nov 2026 08:00:00 GMT", "\x1b[31m"]
)
def test_what_is_no_date_tells_no_time(date: str | None) -> None:
    guard = RequestGuard(read_only=True)
    guard.hear(URL, date)
    assert guard.ahead_of(URL) is None


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_beyond_all_reason_still_lets_one_reckon(year: int) -> None:
    guard = RequestGuard(read_only=True)
    guard.hear(URL, f"Mon, 01 Jan {year:04} 00:00:00 GMT")
    ahead = guard.ahead_of(URL)
    assert ahead is not None
    assert (datetime.now(UTC) + ahead).year > 1


def test_the_last_answer_counts_for_its_own_service() -> None:
    guard = RequestGuard(read_only=True)
    for minutes in (3, -20):
        told = format_datetime(datetime.now(UTC) - timedelta(minutes=minutes), usegmt=True)
        guard.hear(URL, told)
    ahead = guard.ahead_of("https://login.example.org:443/another")
    assert ahead is not None
    assert abs(ahead + timedelta(minutes=20)) < ALMOST
    assert guard.ahead_of("https://other.example.org/") is None
