"""A list to choose from whose cursor is a sign: seen without colours, too, and only where the keys go."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import OptionList

from workshop_tui.tui.keys import IN_LIST

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.geometry import Size

CURSOR = "▸"
GUTTER = 2


class Choices(OptionList):
    """An option list with a gutter; the cursor's sign stands there while the list has the keys."""

    BINDINGS: ClassVar[list[BindingType]] = IN_LIST

    def _get_left_gutter_width(self) -> int:
        return GUTTER

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height of all options; Textual's own forgets the gutter."""
        return super().get_content_height(container, viewport, width - GUTTER)

    def render_line(self, y: int) -> Strip:
        """Draw a line behind its gutter."""
        strip = super().render_line(y)
        line = self.scroll_offset.y + y
        option, part = self._lines[line] if line < len(self._lines) else (None, 0)
        focused = self.screen.focused is self
        sign = CURSOR if focused and part == 0 and option is not None and option == self.highlighted else ""
        style = next(iter(strip), Segment("")).style
        return Strip([Segment(sign.ljust(GUTTER), style), *strip])
