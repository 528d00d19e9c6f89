"""What everything that opens over the desk shares: a box with a title, scrolling, a way back and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A box over the desk. Esc closes it, answering None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("m", "app.messages", show=False),
        # The app's own keys do not reach below a modal screen.
        Binding("Q", "app.quit", "Quit", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("b,pageup", "scroll(-10)", show=False),
    ]

    title_text = ""
    keys_text = "Esc close"

    def compose(self) -> ComposeResult:
        """Lay out the box around the body."""
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            box.border_subtitle = self.keys_text
            with VerticalScroll(can_focus=False):
                yield self.body()

    def body(self) -> Widget:
        """Return what is read in the box."""
        raise NotImplementedError

    def action_close(self) -> None:
        """Go back to the desk."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll what is read."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
