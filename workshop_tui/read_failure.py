"""What is raised where something could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.model import Unreadable


class ReadFailure(Exception):  # noqa: N818 - named for what it is: a reading that failed
    """Raised by the clients where something could not be read; becomes the fact's `Unreadable`."""

    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(f"{unreadable.what}: {unreadable.reason}")
        self.unreadable = unreadable
