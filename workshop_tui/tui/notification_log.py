"""The notifications so far: a toast is gone after seconds, and small; here it stays, whole."""

from __future__ import annotations

import traceback
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from workshop_tui.cloud.text import clean
from workshop_tui.log import log_file

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

KEPT = 50
"""How many are kept; of more the oldest are forgotten."""
_SIGNS = {"information": ("·", ""), "warning": ("!", "yellow"), "error": ("✘", "bold red")}
_DETAILS_LIMIT = 8000
"""Characters of a fault's details that are kept: its end, which tells most."""


@dataclass(frozen=True, slots=True)
class KeptNotification:
    """One notification, told at `at` (local time); `details` are for whoever helps."""

    at: datetime
    severity: SeverityLevel
    title: str
    message: str
    details: str = ""


@dataclass(slots=True)
class NotificationLog:
    """The notifications since the start, the oldest forgotten first."""

    kept: deque[KeptNotification] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, severity: SeverityLevel, title: str, message: str, details: str = "") -> None:
        """Keep it."""
        self.kept.append(KeptNotification(datetime.now().astimezone(), severity, title, message, details))

    def as_text(self) -> Text:
        """Return all of it, the newest first, and where the log is."""
        text = Text()
        for each in reversed(self.kept):
            sign, style = _SIGNS[each.severity]
            head = f"{sign} {each.at:%H:%M:%S}" + (f"  {each.title}" if each.title else "")
            text.append(f"{head}\n", style=style)
            for line in each.message.splitlines():
                text.append(f"  {line}\n")
            for line in each.details.splitlines():
                text.append(f"    {line}\n", style="dim")
            text.append("\n")
        if not self.kept:
            text.append("Nothing has been told since the start.\n\n")
        where = log_file()
        text.append(f"The log: {where}" if where is not None else "There is no log in this session.")
        return text


def details_of(error: BaseException | None) -> str:
    """Return a fault as whoever helps needs it: where it was raised and what it says, without secrets."""
    if error is None:
        return ""
    lines = "".join(traceback.format_exception(error))[-_DETAILS_LIMIT:]
    return clean(lines, limit=_DETAILS_LIMIT, lines=True)
