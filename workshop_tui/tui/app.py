"""The application: chooses the target with the learner, holds the session, and shows the desk."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import Monochrome, NoColor
from textual.worker import WorkerCancelled, WorkerFailed

from workshop_tui.daemon_thread import DaemonThreads, in_daemon_thread, share_memory
from workshop_tui.tui.harmless import Harmless
from workshop_tui.tui.messages import (
    OtherNamesWanted,
    OtherTargetWanted,
    SessionFailed,
    SessionOpened,
    SettingsChanged,
    TargetChosen,
)
from workshop_tui.tui.paced_app import PacedApp
from workshop_tui.tui.themes import DARK, FEW_COLOURS, add_themes, has_few_colours
from workshop_tui.tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from textual.filter import LineFilter
    from textual.geometry import Size
    from textual.screen import Screen
    from textual.theme import Theme
    from textual.worker import Worker

    from workshop_tui.session import Session
    from workshop_tui.settings import Settings


_log = logging.getLogger(__name__)
_NO_COLOUR = NoColor()
_HARMLESS = Harmless()

AWAY_SECONDS = 15 * 60.0
"""How long after the last key nobody counts as there."""


PATIENCE_SECONDS = 0.1
"""How long whatever was stopped by leaving gets to come to its end by itself."""
CLOSE_SECONDS = 5.0
"""How long the session before gets to close its connections when another takes its place."""


class WorkshopApp(PacedApp):
    """The guided workshop."""

    CSS_PATH = "workshop.tcss"
    TITLE = "workshop-tui"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-roomy")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - likewise
    BINDINGS: ClassVar[list[BindingType]] = [
        # First in line: what opens over the desk, the palette among it, lets no other keys through to us.
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        # Editors and browsers keep Ctrl+Q for themselves.
        Binding("Q", "quit", "Quit", tooltip="Leave; you come back to the same place", show=False, id="quit"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
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

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw no line with a control character in it, and no colour where none is wanted.

        Textual's own greys for NO_COLOR would be black on black on the terminal's own colours.
        """
        filters = super().get_line_filters()
        return [*(_NO_COLOUR if isinstance(each, Monochrome) else each for each in filters), _HARMLESS]

    async def somebody_is_there(self) -> None:
        """Return at once while somebody is at the terminal, else as soon as somebody comes back to it."""
        if time.monotonic() - self._last_touch > AWAY_SECONDS:
            self._touched.clear()
            await self._touched.wait()

    async def nobody_is_there(self) -> None:
        """Return as soon as nobody has been at the terminal for a while."""
        while True:
            left = self._last_touch + AWAY_SECONDS - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there, whatever the key is for."""
        if isinstance(event, events.InputEvent | events.AppFocus):
            self._last_touch = time.monotonic()
            self._touched.set()
        await super().on_event(event)

    def on_mount(self) -> None:
        """Restore the terminal on signals, then ask for the target or open the session."""
        add_themes(self)
        own = self.settings.theme if self.settings.theme in self.available_themes else DARK
        self.theme = FEW_COLOURS if has_few_colours(self) and not own.startswith("ansi-") else own
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.screen_change_signal.subscribe(self, self._fit)
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        share_memory()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._leave, 128 + number)
        if self.settings.target is None:
            from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only the first time

            self.push_screen(FirstRun(self.settings))
        else:
            self._begin(self.settings.target)

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is too little room."""
        for screen in self.screen_stack:
            self._fit(screen, event.size)

    def _fit(self, screen: Screen[object], size: Size | None = None) -> None:
        """Cover the screen where it is too small to be used."""
        if not screen.query(TooSmall):
            screen.mount(TooSmall())
        screen.query_one(TooSmall).fit(size or self.size)

    def action_help_quit(self) -> None:
        """Say how to leave, to who tries Ctrl+C."""
        self.notify("Q leaves, or Ctrl+Q.", markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterator[SystemCommand]:
        """Offer of Textual's own commands what is of use here; the rest of the palette is the desk's."""
        if not screen.query(".dialog"):
            yield SystemCommand("Theme", "Dark, light, or the colours of your terminal", self.search_themes)
        yield SystemCommand("Quit (Q)", "Leave; you come back to the same place", self.action_quit)
        yield SystemCommand("Screenshot", "Save the screen as an SVG picture", self.deliver_screenshot)

    def _keep_theme(self, theme: Theme) -> None:
        """Remember the theme that was chosen in the palette."""
        from workshop_tui.settings import save  # noqa: PLC0415 - only where something is saved

        if not has_few_colours(self) or theme.name.startswith("ansi-"):
            save(self.settings.home, {"theme": theme.name})

    def on_target_chosen(self, message: TargetChosen) -> None:
        """Go on with the target the learner chose; it is remembered once it works."""
        if self.session is not None:
            self.pop_screen()  # the question was asked over the desk
            if message.kind == self.session.target.kind:
                return
        self._begin(message.kind)

    def on_other_target_wanted(self, _: OtherTargetWanted) -> None:
        """Ask again where to work."""
        from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only where it is asked for

        if not self._is_acting():
            self.push_screen(FirstRun(self.settings, back=True))

    def on_settings_changed(self, message: SettingsChanged) -> None:
        """Work under other settings from now on; while an action runs, from the next start on."""
        if not self._is_acting():
            self._open(message.settings)

    def _is_acting(self) -> bool:
        """Say whether an action runs, and tell the learner that it has to end first."""
        acting = self.session is not None and bool(self.session.journal.at_work)
        if acting:
            self.notify("An action is running. Esc stops it.", severity="warning", markup=False)
        return acting

    def _begin(self, kind: str) -> None:
        from workshop_tui.choosing import is_complete  # noqa: PLC0415 - after first paint
        from workshop_tui.settings import SettingsError, for_target, load_settings  # noqa: PLC0415 - likewise

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
        from dataclasses import replace  # noqa: PLC0415 - small, but after first paint like the rest

        from workshop_tui.settings import overruling, save  # noqa: PLC0415 - likewise

        if names is None:
            if len(self.screen_stack) == 1:
                from workshop_tui.tui.screens.first_run import FirstRun  # noqa: PLC0415 - only without another

                self.push_screen(FirstRun(self.settings))
            return
        if self.session is not None and all(settings.names.get(name, "") == names[name] for name in names):
            self.notify("You work under these names already.", markup=False)
            return
        save(settings.home, names, "azure")
        overruled = overruling(os.environ, names)
        if overruled:
            told = f"{', '.join(overruled)} in your shell's environment will come first at the next start."
            self.notify(told, severity="warning", timeout=15, markup=False)
        kept = {name: value for name, value in settings.names.items() if names.get(name, value)}
        self._open(replace(settings, names=kept | {name: value for name, value in names.items() if value}))

    def on_other_names_wanted(self, _: OtherNamesWanted) -> None:
        """Ask for the names again, the present ones highlighted."""
        session = self.session
        if session is None:
            return
        if self._is_acting():
            return
        from workshop_tui.session import settings_in_use  # noqa: PLC0415 - loaded by now

        self._choose_names(settings_in_use(session), again=True)

    def _open(self, settings: Settings) -> None:
        """Open the session, in place of the one that is open."""
        from workshop_tui.tui.screens.opening import Opening  # noqa: PLC0415 - with the session

        opening = Opening(settings.target or "")
        if self.session is None:
            self.push_screen(opening)
        else:
            self.switch_screen(opening)
        self._leave_session.set()
        before, self.session = self._session_task, None
        self._leave_session = asyncio.Event()
        self._session_task = asyncio.create_task(self._hold_session(settings, before), name="session")

    async def _hold_session(self, settings: Settings, before: asyncio.Task[None] | None) -> None:
        """Open the session once the one before is closed, and keep it open until the app leaves it."""
        from workshop_tui.session import open_session  # noqa: PLC0415 - heavy: after first paint
        from workshop_tui.settings import save  # noqa: PLC0415 - likewise

        kind, leave = settings.target or "", self._leave_session
        try:
            if before is not None:
                await asyncio.wait([before], timeout=CLOSE_SECONDS)
            if kind == "practice":
                await in_daemon_thread(partial(_start_practice, settings.home))
            async with open_session(settings, workshop=self.workshop_folder) as session:
                save(settings.home, {"target": kind})
                self.session = session
                self.post_message(SessionOpened(session))
                await leave.wait()
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
        """Leave at once: what is being done is stopped, and told so by the journal."""
        self._leave(0)

    def _leave(self, code: int) -> None:
        """Leave with this exit code, and say what was stopped by it."""
        doing = self.session.journal.at_work if self.session is not None else ""
        stopped = Text(f"Stopped where it was: {doing}. Start again, do the same, and it goes on from there.")
        self.exit(return_code=code, message=stopped if doing else None)

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

    def _handle_exception(self, error: Exception) -> None:
        """Take nothing that fails on the way out for a fault: half of the screen is gone by then."""
        if self._exit:
            _log.info("failed while leaving", exc_info=error)
        else:
            super()._handle_exception(error)

    async def on_unmount(self) -> None:
        """Give what was stopped a moment to write its end into the journal, then the session to close."""
        ends = {asyncio.create_task(_ended(worker)) for worker in self.workers}
        for _ in range(2):
            if ends:
                # Whatever is still putting its tools away when that is over is told once more: then it kills.
                _, ends = await asyncio.wait(ends, timeout=PATIENCE_SECONDS)
                for each in ends:
                    each.cancel()
        self._leave_session.set()
        if self._session_task is not None:
            done, _ = await asyncio.wait([self._session_task], timeout=0.2)
            if not done:
                self._session_task.cancel()


async def _ended(worker: Worker[object]) -> None:
    with suppress(WorkerFailed, WorkerCancelled):
        await worker.wait()


def _start_practice(home: Path) -> None:
    from workshop_tui.practice import client  # noqa: PLC0415 - only where it is chosen
    from workshop_tui.target import practice_folder  # noqa: PLC0415 - likewise

    client.start(practice_folder(home))


def run_app(settings: Settings, *, workshop: Path | None = None, step_id: str | None = None) -> int:
    """Run the TUI and return the exit code."""
    app = WorkshopApp(settings, workshop=workshop, step_id=step_id or "")
    result = app.run()
    return result if result is not None else app.return_code or 0
