"""The application: chooses the target with the learner, holds the session, and shows the desk."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType

from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.tui.messages import SessionFailed, SessionOpened, TargetChosen

if TYPE_CHECKING:
    from pathlib import Path

    from textual.theme import Theme

    from workshop_tui.session import Session
    from workshop_tui.settings import Settings


_log = logging.getLogger(__name__)

AWAY_SECONDS = 15 * 60.0
"""How long after the last key nobody counts as there."""


class WorkshopApp(App[int]):
    """The guided workshop."""

    CSS_PATH = "workshop.tcss"
    TITLE = "workshop-tui"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-roomy")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+q", "quit", "Quit", tooltip="Leave; you come back to the same place", show=False, id="quit"
        )
    ]

    def __init__(self, settings: Settings, *, workshop: Path | None = None, step_id: str = "") -> None:
        """Take the settings, whose target may be open still, and what to open first."""
        super().__init__()
        self.settings = settings
        self.workshop_folder = workshop
        self.first_step = step_id
        self.session: Session | None = None
        self._leave_session = asyncio.Event()
        self._session_task: asyncio.Task[None] | None = None
        self._last_touch = time.monotonic()
        self._touched = asyncio.Event()

    async def somebody_is_there(self) -> None:
        """Return at once while somebody is at the terminal, else as soon as somebody comes back to it."""
        if time.monotonic() - self._last_touch > AWAY_SECONDS:
            self._touched.clear()
            await self._touched.wait()

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there, whatever the key is for."""
        if isinstance(event, events.InputEvent | events.AppFocus):
            self._last_touch = time.monotonic()
            self._touched.set()
        await super().on_event(event)

    def on_mount(self) -> None:
        """Restore the terminal on signals, then ask for the target or open the session."""
        if os.environ.get("NO_COLOR"):
            self.theme = "ansi-dark"
        elif self.settings.theme in self.available_themes:
            self.theme = self.settings.theme
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))
        if self.settings.target is None:
            from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only the first time

            self.push_screen(FirstRun(self.settings))
        else:
            self._begin(self.settings.target)

    def _keep_theme(self, theme: Theme) -> None:
        """Remember the theme that was chosen in the palette."""
        from workshop_tui.settings import save  # noqa: PLC0415 - only where something is saved

        if not os.environ.get("NO_COLOR"):
            save(self.settings.home, {"theme": theme.name})

    def on_target_chosen(self, message: TargetChosen) -> None:
        """Go on with the target the learner chose; it is remembered once it works."""
        self._begin(message.kind)

    def _begin(self, kind: str) -> None:
        from workshop_tui.tui.screens.opening import Opening  # noqa: PLC0415 - with the session

        self.push_screen(Opening(kind))
        self._leave_session = asyncio.Event()
        self._session_task = asyncio.create_task(self._hold_session(kind), name="session")

    async def _hold_session(self, kind: str) -> None:
        """Open the session and keep it open until the app leaves."""
        from dataclasses import replace  # noqa: PLC0415 - small, but after first paint like the rest

        from workshop_tui.session import open_session  # noqa: PLC0415 - heavy: after first paint
        from workshop_tui.settings import save  # noqa: PLC0415 - likewise

        try:
            settings = replace(self.settings, target=kind)
            if kind == "practice":
                await in_daemon_thread(partial(_start_practice, settings.home))
            async with open_session(settings, workshop=self.workshop_folder) as session:
                save(settings.home, {"target": kind})
                self.session = session
                self.post_message(SessionOpened(session))
                await self._leave_session.wait()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - shown as a sentence; the details go to the log
            _log.exception("the session could not be opened")
            self.post_message(SessionFailed(str(error) or type(error).__name__))

    def on_session_opened(self, message: SessionOpened) -> None:
        """Show the desk."""
        from workshop_tui.tui.screens.desk import Desk  # noqa: PLC0415 - Markdown loads with it

        self.switch_screen(Desk(message.session, self, self.first_step))

    def on_session_failed(self, message: SessionFailed) -> None:
        """Say why, and ask again."""
        from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only after a failure

        self.switch_screen(FirstRun(self.settings, message.reason))

    async def action_quit(self) -> None:
        """Leave at once: a running action is stopped, and told so by the journal."""
        self._leave_session.set()
        acting = self.screen.query("#activity.-running") if self.screen.is_mounted else ()
        stopped = "The action was stopped where it was. Start again and press a: it goes on from there."
        self.exit(0, message=stopped if acting else None)

    def _fatal_error(self) -> None:
        """Say in a sentence that the screen failed, and leave; the log has the rest.

        Textual's own would print every local variable of every frame: keys and tokens among them.
        """
        from workshop_tui.log import log_file  # noqa: PLC0415 - only on the way out

        _log.error("the screen failed", exc_info=self._exception)
        where = log_file()
        details = f" The details are in {where}." if where is not None else ""
        self.panic(
            Text(
                f"The screen failed by a fault of ours.{details} Nothing is lost: start again, and you come"
                " back to the same place. `workshop-tui doctor --bundle` packs what helps to find the fault."
            )
        )

    async def on_unmount(self) -> None:
        """Give the session a moment to close its connections."""
        self._leave_session.set()
        if self._session_task is not None:
            done, _ = await asyncio.wait([self._session_task], timeout=0.2)
            if not done:
                self._session_task.cancel()


def _start_practice(home: Path) -> None:
    from workshop_tui.practice import client  # noqa: PLC0415 - only where it is chosen
    from workshop_tui.target import practice_folder  # noqa: PLC0415 - likewise

    client.start(practice_folder(home))


def run_app(settings: Settings, *, workshop: Path | None = None, step_id: str | None = None) -> int:
    """Run the TUI and return the exit code."""
    app = WorkshopApp(settings, workshop=workshop, step_id=step_id or "")
    result = app.run()
    return result if result is not None else app.return_code or 0
