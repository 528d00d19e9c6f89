"""The learner's own sign-in outlives the sleep of a laptop: its assertion is renewed when the clock leaps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import jwt
import pytest

from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.entra import developer
from workshop_tui.practice.signing import SigningKey
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "https://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class LeapingClock(Clock):
    """A clock that can be put forward and back."""

    leaps: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + sum(self.leaps, timedelta(0))


@pytest.mark.parametrize("leap", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_leap_of_the_clock_renews_the_assertion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leap: timedelta
) -> None:
    monkeypatch.setattr(developer, "LOOK_SECONDS", 0.01)
    clock = LeapingClock(1)
    practice = Practice(
        options=Options(tmp_path),
        clock=clock,
        store=Store(tmp_path / "store.sqlite"),
        addresses=Addresses(NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, "127.0.0.1:9", NOWHERE),
        names=Names("tenant", "subscription", "cluster"),
        ca_file=tmp_path / "ca.pem",
    )
    issuer = developer.DeveloperIssuer(practice, SigningKey.load(tmp_path, "developer"))

    def is_good() -> bool:
        claims = jwt.decode(issuer.token_file.read_text(), options={"verify_signature": False})
        return bool(claims["nbf"] <= clock.now().timestamp() < claims["exp"])

    running = asyncio.create_task(issuer.run())
    try:
        await asyncio.sleep(0)
        assert is_good()
        clock.leaps.append(leap)
        assert not is_good()
        async with asyncio.timeout(20):
            while not is_good():  # noqa: ASYNC110 - a file's content
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
