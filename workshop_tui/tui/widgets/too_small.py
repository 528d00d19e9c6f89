"""What is said where the terminal is too small to work in: calmly, and over everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.geometry import Size

LEAST_COLUMNS, LEAST_ROWS = 70, 14
"""The smallest terminal that shows the desk with nothing cut that matters."""


class TooSmall(Static):
    """Covers the screen while the terminal is too small; what is below keeps its place and its focus."""

    DEFAULT_CSS = """
    TooSmall {
        layer: too-small; dock: top; display: none; width: 100%; height: 100%;
        background: $background; content-align: center middle; text-align: center;
    }
    """

    def fit(self, size: Size) -> None:
        """Show or hide it, as the terminal is now."""
        self.display = size.width < LEAST_COLUMNS or size.height < LEAST_ROWS
        if self.display:
            told = (
                f"The terminal is {size.width} by {size.height}.\n"
                f"Here at least {LEAST_COLUMNS} by {LEAST_ROWS} are needed.\nNothing is lost: make it larger."
            )
            self.update(Text(told))
