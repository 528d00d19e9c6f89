"""Whether somebody is at the terminal: while nobody is, the world is left alone."""

from __future__ import annotations

import asyncio
import time

AWAY_SECONDS = 15 * 60.0
"""How long after the last key, click or focus the learner counts as away."""


class Presence:
    """Tells by the last key, click or focus whether the learner is at the terminal."""

    def __init__(self) -> None:
        """Begin with a learner who is present: somebody has just started the app."""
        self._last_activity = time.monotonic()
        self._returned = asyncio.Event()

    @property
    def idle_seconds(self) -> float:
        """Seconds since the learner was last seen to do something."""
        return time.monotonic() - self._last_activity

    def note_activity(self) -> None:
        """Note that the learner has just done something; wakes whoever waits for them."""
        self._last_activity = time.monotonic()
        self._returned.set()

    async def wait_until_present(self) -> None:
        """Return at once while the learner is present, else as soon as they come back."""
        if self.idle_seconds > AWAY_SECONDS:
            self._returned.clear()
            await self._returned.wait()

    async def wait_until_away(self) -> None:
        """Return as soon as the learner has done nothing for `AWAY_SECONDS`."""
        while True:
            remaining = AWAY_SECONDS - self.idle_seconds
            if remaining <= 0:
                return
            await asyncio.sleep(remaining)
