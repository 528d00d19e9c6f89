"""The application: chooses the target and the names with the learner, and shows the desk on the session."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.worker import WorkerCancelled, WorkerFailed

from workshop_tui.daemon_thread import DaemonThreads, share_memory
from workshop_tui.tui.keys import QUIT
from workshop_tui.tui.messages import (
    OtherNamesWanted,
    OtherTargetWanted,
    SessionFailed,
    SessionOpened,
    SettingsChanged,
    TargetChosen,
)
from workshop_tui.tui.presence import Presence
from workshop_tui.tui.session_keeper import SessionKeeper
from workshop_tui.tui.themed_app import ThemedApp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.command import Provider
    from textual.screen import Screen
    from textual.worker import Worker

    from workshop_tui.settings import Settings

PATIENCE_SECONDS = 0.1
"""How long whatever was stopped by leaving gets to come to its end by itself."""


def _commands() -> type[Provider]:
    from workshop_tui.tui.commands import Commands  # noqa: PLC0415 - only where it is asked for

    return Commands


class WorkshopApp(ThemedApp):
    """The guided workshop."""

    CSS_PATH = "workshop.tcss"
    TITLE = "workshop-tui"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {_commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        # First in line: what opens over the desk, the palette among it, lets no other keys through to us.
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        # Editors and browsers keep Ctrl+Q for themselves.
        Binding("Q", "quit", "Quit", tooltip=QUIT.tooltip, show=False, id="quit"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
    ]

    def __init__(self, settings: Settings, *, workshop: Path | None = None, step_id: str = "") -> None:
        """Take the settings, whose target may be open still, and what to open first."""
        super().__init__(settings)
        self.first_step = step_id
        self.presence = Presence()
        self.sessions = SessionKeeper(self.post_message, workshop)

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there, whatever the key is for."""
        if isinstance(event, events.InputEvent | events.AppFocus):
            self.presence.note_activity()
        await super().on_event(event)

    def on_mount(self) -> None:
        """Restore the terminal on signals, then ask for the target or open the session."""
        self.fit_terminal()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        share_memory()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                loop.add_signal_handler(number, self._leave, 128 + number)
        if self.settings.target is None:
            from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only the first time

            self.push_screen(FirstRun(self.settings))
        else:
            self._begin(self.settings.target)

    def action_help_quit(self) -> None:
        """Say how to leave, to who tries Ctrl+C."""
        self.notify("Q leaves, or Ctrl+Q.", markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterator[SystemCommand]:
        """Offer of Textual's own commands what is of use here; the rest of the palette is the desk's."""
        if not screen.query(".dialog"):
            yield SystemCommand("Theme", "Dark, light, or the colours of your terminal", self.search_themes)
        yield SystemCommand("Screenshot", "Save the screen as an SVG picture", self.deliver_screenshot)
        yield SystemCommand("Quit (Q)", f"{QUIT.tooltip}", self.action_quit)

    def on_target_chosen(self, message: TargetChosen) -> None:
        """Go on with the target the learner chose; it is remembered once it works."""
        session = self.sessions.session
        if session is not None:
            self.pop_screen()  # the question was asked over the desk
            if message.kind == session.target.kind:
                return
        self._begin(message.kind)

    def on_other_target_wanted(self, _: OtherTargetWanted) -> None:
        """Ask again where to work."""
        from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only where it is asked for

        if not self._warn_while_acting():
            self.push_screen(FirstRun(self.settings, back=True))

    def on_settings_changed(self, message: SettingsChanged) -> None:
        """Work under other settings from now on; while an action runs, from the next start on."""
        if not self._warn_while_acting():
            self._open(message.settings)

    def _warn_while_acting(self) -> bool:
        """Return whether an action runs, and tell the learner if so that it has to end first."""
        acting = bool(self.sessions.action_at_work)
        if acting:
            self.notify("An action is running. Esc stops it.", severity="warning", markup=False)
        return acting

    def _begin(self, kind: str) -> None:
        """Open a session on this target, asking for the names first where Azure's are not all known."""
        from workshop_tui.choosing import is_complete  # noqa: PLC0415 - after first paint
        from workshop_tui.saved_settings import SettingsError  # noqa: PLC0415 - likewise
        from workshop_tui.settings import for_target, load_settings  # noqa: PLC0415 - likewise

        try:
            if self.settings.target in {None, kind}:
                settings = for_target(self.settings, kind)
            else:
                settings = load_settings(target=kind)  # what was given for the other target is not for this
        except SettingsError as error:
            self.post_message(SessionFailed(str(error)))
            return
        if kind == "azure" and not is_complete(settings.names):
            self._choose_names(settings)
        else:
            self._open(settings)

    def _choose_names(self, settings: Settings, *, again: bool = False) -> None:
        """Ask under which names to work, as far as that is not clear, and open the session on them."""
        from workshop_tui.session import open_inventory  # noqa: PLC0415 - heavy: after first paint
        from workshop_tui.tui.screens.choose_names import ChooseNames  # noqa: PLC0415 - likewise

        chosen = partial(self._take_names, settings)
        self.push_screen(ChooseNames(settings, open_inventory, again=again), chosen)

    async def _take_names(self, settings: Settings, names: dict[str, str] | None) -> None:
        """Remember the names and work under them; without any, go back to where one came from."""
        from workshop_tui.saved_settings import save  # noqa: PLC0415 - after first paint
        from workshop_tui.settings import overruling, with_names  # noqa: PLC0415 - likewise

        if names is None:
            if len(self.screen_stack) == 1:
                from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only without another

                self.push_screen(FirstRun(self.settings))
            return
        unchanged = all(settings.names.get(name, "") == names[name] for name in names)
        if self.sessions.session is not None and unchanged:
            self.notify("You work under these names already.", markup=False)
            return
        save(settings.home, names, "azure")
        overruled = overruling(os.environ, names)
        if overruled:
            told = f"{', '.join(overruled)} in your shell's environment will come first at the next start."
            self.notify(told, severity="warning", timeout=15, markup=False)
        self._open(with_names(settings, names))

    def on_other_names_wanted(self, _: OtherNamesWanted) -> None:
        """Ask for the names again, the present ones highlighted."""
        session = self.sessions.session
        if session is None or self._warn_while_acting():
            return
        from workshop_tui.session import settings_in_use  # noqa: PLC0415 - loaded by now

        self._choose_names(settings_in_use(session), again=True)

    def _open(self, settings: Settings) -> None:
        """Open the session, in place of the one that is open."""
        from workshop_tui.tui.screens.opening import Opening  # noqa: PLC0415 - with the session

        opening = Opening(settings.target or "")
        if self.sessions.session is None:
            self.push_screen(opening)
        else:
            self.switch_screen(opening)
        self.sessions.open(settings)

    def on_session_opened(self, message: SessionOpened) -> None:
        """Show the desk."""
        from workshop_tui.tui.screens.desk import Desk  # noqa: PLC0415 - Markdown loads with it

        self.switch_screen(Desk(message.session, self.presence, self.first_step))

    def on_session_failed(self, message: SessionFailed) -> None:
        """Say why, and ask again."""
        from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only after a failure

        self.switch_screen(FirstRun(self.settings, message.reason))

    async def action_quit(self) -> None:
        """Leave at once: what is being done is stopped, and told so by the journal."""
        self._leave(0)

    def _leave(self, code: int) -> None:
        """Leave with this exit code, and say what was stopped by it."""
        doing = self.sessions.action_at_work
        stopped = Text(f"Stopped where it was: {doing}. Start again, do the same, and it goes on from there.")
        self.exit(return_code=code, message=stopped if doing else None)

    async def on_unmount(self) -> None:
        """Give what was stopped a moment to write its end into the journal, then the session to close."""
        ends = {asyncio.create_task(_ended(worker)) for worker in self.workers}
        for _ in range(2):
            if ends:
                # Whatever is still putting its tools away when that is over is told once more: then it kills.
                _, ends = await asyncio.wait(ends, timeout=PATIENCE_SECONDS)
                for each in ends:
                    each.cancel()
        await self.sessions.close()


async def _ended(worker: Worker[object]) -> None:
    with suppress(WorkerFailed, WorkerCancelled):
        await worker.wait()


def run_app(settings: Settings, *, workshop: Path | None = None, step_id: str | None = None) -> int:
    """Run the TUI and return the exit code."""
    app = WorkshopApp(settings, workshop=workshop, step_id=step_id or "")
    result = app.run()
    return result if result is not None else app.return_code or 0
