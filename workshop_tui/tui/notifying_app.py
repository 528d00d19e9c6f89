"""The part of the application that tells in passing, keeps what it told, and tells of faults of ours."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import App
from textual.widgets._toast import ToastRack

from workshop_tui.tui.keys import NAMES
from workshop_tui.tui.notification_log import NotificationLog, details_of

if TYPE_CHECKING:
    from textual import events
    from textual.binding import Binding
    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from workshop_tui.tui.messages import FaultHappened

_log = logging.getLogger(__name__)
_TITLE = "Messages"


class NotifyingApp(App[int]):
    """Keeps what toasts tell: `m`, or a click on one that tells of trouble, shows it whole."""

    def __init__(self) -> None:
        """Start with nothing told."""
        super().__init__()
        self.notification_log = NotificationLog()
        self._toasts = 0

    def on_mount(self) -> None:
        """Look after the toasts of every screen that comes."""
        self.screen_change_signal.subscribe(self, self._look_after_toasts)

    def _look_after_toasts(self, screen: Screen[object]) -> None:
        screen.screen_layout_refresh_signal.subscribe(self, self._draw_what_was_below)

    def _draw_what_was_below(self, screen: Screen[object]) -> None:
        """Draw the screen anew when a toast has gone.

        Textual compares two layouts to know what to draw. It may have made the one before anew already,
        without the toast, since a widget that is not seen wanted to be drawn: then the toast stays.
        """
        racks = (child for child in screen.children if isinstance(child, ToastRack))
        toasts = sum(len(rack.children) for rack in racks)
        if toasts < self._toasts:
            screen.refresh()
        self._toasts = toasts

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Tell in passing, and keep it."""
        self.notification_log.note(severity, title, message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def on_fault_happened(self, message: FaultHappened) -> None:
        """Say that something failed by a fault of ours, and keep the details for whoever helps."""
        self.notification_log.note("error", "", message.told, details_of(message.error))
        super().notify(f"{message.told} m has the details.", severity="error", timeout=10, markup=False)

    def on_click(self, event: events.Click) -> None:
        """Show whole what a toast told of trouble."""
        clicked = event.widget
        if clicked is None or not clicked.css_identifier.startswith("Toast"):
            return
        if clicked.has_class("-error") or clicked.has_class("-warning"):
            self.action_messages()

    def get_key_display(self, binding: Binding) -> str:
        """Return a key's name as footer, help and palette say it."""
        return binding.key_display or NAMES.get(binding.key, binding.key)

    def action_help(self) -> None:
        """Say which keys there are in this place, and what its signs mean."""
        from workshop_tui.tui.screens.help import Help  # noqa: PLC0415 - only where it is asked for

        self.push_screen(Help(self.screen))

    def action_messages(self) -> None:
        """Show all that was told in passing."""
        from workshop_tui.tui.screens.details import Details  # noqa: PLC0415 - only where it is asked for

        if not (isinstance(self.screen, Details) and self.screen.title_text == _TITLE):
            self.push_screen(Details(_TITLE, self.notification_log.as_text()))

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
