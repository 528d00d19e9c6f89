"""The head line: the workshop, where it runs, and the clock that matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widgets import Static

from workshop_tui.tui.messages import ImageExpiring
from workshop_tui.tui.times import countdown

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

WARNING = timedelta(minutes=10)
"""How long before the registry forgets the image the learner is warned."""


class Head(Horizontal):
    """Title, target, image clock."""

    def __init__(self, title: str, kind: str) -> None:
        """Take what never changes."""
        super().__init__(id="head")
        self._title, self._kind = title, kind

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Static(self._title, id="head-title", markup=False)
        yield Static(self._kind.upper(), id="head-target", markup=False)
        yield ImageClock()

    def show_place(self, resource_group: str, cluster: str) -> None:
        """Say where the workshop runs."""
        place = " / ".join(part for part in (resource_group, cluster) if part)
        self.query_one("#head-target", Static).update(f"{self._kind.upper()}  {place}")


class ImageClock(Static):
    """How long the registry keeps the learner's image: in minutes, at the end in seconds."""

    def __init__(self) -> None:
        """Start with nothing to tell."""
        super().__init__("", id="head-clock", markup=False)
        self._until: datetime | None = None
        self._warned = False
        self._timer: Timer | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether the image is about to go, or has gone."""
        return self._until is not None and self._until - datetime.now(UTC) <= WARNING

    def show(self, until: datetime | None) -> None:
        """Count down to that moment; None hides the clock."""
        if until != self._until:
            self._until, self._warned = until, False
        self._tick()

    def _tick(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if self._until is None:
            self.update("")
            return
        now = datetime.now(UTC)
        left = self._until - now
        self.set_class(self.is_urgent, "-urgent")
        if left <= timedelta():
            self.update("  image expired")
        elif left <= WARNING:
            self.update(f"  image {countdown(self._until, now)}")
        else:
            self.update(f"  image {left.total_seconds() / 60:.0f} min")
        if self.is_urgent and not self._warned:
            self._warned = True
            self.post_message(ImageExpiring(gone=left <= timedelta()))
        if left > timedelta():
            self._timer = self.set_timer(1.0 if left <= WARNING else 20.0, self._tick)
