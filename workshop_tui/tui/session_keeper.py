"""Opens the session, keeps it open in a task of its own, and closes it when another takes its place."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.tui.messages import SessionFailed, SessionOpened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.message import Message

    from workshop_tui.session import Session
    from workshop_tui.settings import Settings

_log = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0
"""How long the session before gets to close its connections when another takes its place."""
_LAST_CLOSE_SECONDS = 0.2
"""How long the session gets to close when the app itself ends: nobody waits at a dead screen."""


class SessionKeeper:
    """Holds the one session that is open; tells the app by `SessionOpened` and `SessionFailed`.

    A session is entered and left by the same task, as its task groups demand; hence a task a session, which
    waits for the word to leave.
    """

    def __init__(self, post_message: Callable[[Message], bool], workshop_folder: Path | None) -> None:
        """Take the app's `post_message`, and the workshop to open (None: the bundled one)."""
        self._post_message = post_message
        self._workshop_folder = workshop_folder
        self._leave = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.session: Session | None = None
        """The session that is open, None before it is and while another is being opened."""

    @property
    def action_at_work(self) -> str:
        """The action that runs now, in words; empty where none does."""
        return self.session.journal.at_work if self.session is not None else ""

    def open(self, settings: Settings) -> None:
        """Leave the session that is open, and open one with these settings in its place."""
        self._leave.set()
        before, self.session = self._task, None
        self._leave = asyncio.Event()
        self._task = asyncio.create_task(self._hold(settings, before, self._leave), name="session")

    async def close(self) -> None:
        """Close the session; what has not closed within a moment is cancelled."""
        self._leave.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=_LAST_CLOSE_SECONDS)
            if not done:
                self._task.cancel()

    async def _hold(
        self, settings: Settings, before: asyncio.Task[None] | None, leave: asyncio.Event
    ) -> None:
        """Open the session once the one before is closed, and keep it open until it is to be left."""
        from workshop_tui.saved_settings import save  # noqa: PLC0415 - likewise
        from workshop_tui.session import open_session  # noqa: PLC0415 - heavy: after first paint

        kind = settings.target or ""
        try:
            if before is not None:
                await asyncio.wait([before], timeout=CLOSE_SECONDS)
            if kind == "practice":
                await in_daemon_thread(partial(_start_practice, settings.home))
            async with open_session(settings, workshop=self._workshop_folder) as session:
                save(settings.home, {"target": kind})
                self.session = session
                self._post_message(SessionOpened(session))
                await leave.wait()
        except Exception as error:  # noqa: BLE001 - shown as a sentence; the details go to the log
            _log.exception("the session could not be opened")
            self._post_message(SessionFailed(str(error) or type(error).__name__))


def _start_practice(home: Path) -> None:
    from workshop_tui.practice import client  # noqa: PLC0415 - only where it is chosen
    from workshop_tui.target import practice_folder  # noqa: PLC0415 - likewise

    client.start(practice_folder(home))
