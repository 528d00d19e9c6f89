"""Listens to the learner's namespace, so that what changes there is looked at without waiting for a turn."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual import work
from textual.widget import Widget
from textual.worker import Worker, WorkerState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from workshop_tui.events import GuideProtocol
    from workshop_tui.tui.presence import Presence

_log = logging.getLogger(__name__)

DEAF_SECONDS = 60.0
"""How long nobody tries to listen again where there was nothing more to be heard."""


class Listener(Widget):
    """Watches the namespace until it is stopped, the watch ends, or the learner has gone."""

    DEFAULT_CSS = "Listener { display: none; }"

    def __init__(
        self, guide: GuideProtocol, presence: Presence, heard: Callable[[], Awaitable[None]]
    ) -> None:
        """Take who can hear, who knows of the learner, and what to do when something has changed."""
        super().__init__()
        self._guide = guide
        self._presence = presence
        self._heard = heard
        self._listening: Worker[None] | None = None
        self._deaf_until = 0.0

    def listen(self) -> None:
        """Listen from now on; where somebody does already, or just could not, nothing happens."""
        before = self._listening
        busy = before is not None and not before.is_finished and not before.is_cancelled
        if not busy and time.monotonic() >= self._deaf_until:
            self._listening = self._listen()

    def stop(self) -> None:
        """Listen no longer."""
        self.workers.cancel_group(self, "listen")

    @work(exclusive=True, group="listen", exit_on_error=False)
    async def _listen(self) -> None:
        hearing = asyncio.create_task(self._hear(), name="watch the namespace")
        leaving = asyncio.create_task(self._presence.wait_until_away(), name="wait until away")
        try:
            await asyncio.wait({hearing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                self._deaf_until = time.monotonic() + DEAF_SECONDS
                hearing.result()
        finally:
            hearing.cancel()
            leaving.cancel()
            await asyncio.gather(hearing, leaving, return_exceptions=True)

    async def _hear(self) -> None:
        async with aclosing(self._guide.watch_namespace()) as changes:
            async for _ in changes:
                await self._heard()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep a fault of ours out of the learner's way, but not out of the log; the looks go on."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("listening failed", exc_info=event.worker.error)
