"""What everything that opens over the desk shares: a box with a title, scrolling, a way back and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from workshop_tui.tui.keys import HELP, MESSAGES, MORE, QUIT, READING

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A box over the desk. Esc closes it, answering None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", tooltip="Go back"),
        *READING,
        # The app's own keys do not reach below a modal screen.
        *(MESSAGES, HELP, MORE, QUIT),
    ]

    title_text = ""
    keys_text = "Esc close"

    def compose(self) -> ComposeResult:
        """Lay out the box around the body."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            self.tell_keys(box, self.keys_text)
            with VerticalScroll(can_focus=False):
                yield self.body()

    def tell_keys(self, box: Widget, keys: str) -> None:
        """Name keys on the box's lower edge as the footer does: `Enter do it  Esc not now`."""
        named = (each.partition(" ") for each in keys.split("  "))
        told = [Content.assemble((key, "bold $accent"), f" {does}") for key, _, does in named]
        box.border_subtitle = Content("  ").join(told)

    def body(self) -> Widget:
        """Return what is read in the box."""
        raise NotImplementedError

    def action_close(self) -> None:
        """Go back to the desk."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll what is read."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
