"""A text to read at leisure, over the desk: an explanation, a difference, help."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.hanging_text import HangingText


class Details(Dialog[None]):
    """Shows one text; y copies it, or what it is about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy"),
        Binding("enter", "close", show=False),
    ]
    keys_text = "y copy  Esc close"

    def __init__(self, title: str, text: Text | str, *, copy: str = "") -> None:
        """Take the text, and what `y` copies: the text itself by default."""
        super().__init__()
        self.title_text = title
        self._text = text if isinstance(text, Text) else Text(text)
        self._copy = copy or self._text.plain

    def body(self) -> HangingText:
        """Return the text."""
        return HangingText(self._text, id="details-text")

    def action_copy(self) -> None:
        """Copy what there is to copy."""
        self.app.copy_to_clipboard(self._copy)
        self.notify("Sent to the clipboard.", markup=False)
