"""A text to read at leisure, over the desk: an explanation, a difference, a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Details(ModalScreen[None]):
    """Shows one text; Esc closes, y copies, the arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", "Close"),
        Binding("y", "copy", "Copy"),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("b,pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, title: str, text: Text | str, *, keys: str = "", copy: str = "") -> None:
        """Take the text, what `y` copies (the text itself by default), and further keys to name."""
        super().__init__()
        self._title = title
        self._text = text if isinstance(text, Text) else Text(text)
        self._copy = copy or self._text.plain
        self._keys = f"{keys}  " if keys else ""

    def compose(self) -> ComposeResult:
        """Lay out the text in a box."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = f"{self._keys}y copy  Esc close"
            scroll = VerticalScroll(can_focus=False)
            with scroll:
                yield Static(self._text, id="details-text")

    def action_close(self) -> None:
        """Go back to the desk."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy what there is to copy."""
        self.app.copy_to_clipboard(self._copy)
        self.notify("Sent to the clipboard.", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
