"""The trust chain with its evidence: what each link has on its one side beside what the other side wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workshop_tui.trust_chain import NODES
from workshop_tui.tui.keys import MOVE
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.chain_bar import SIGNS, STYLES
from workshop_tui.tui.widgets.choices import Choices
from workshop_tui.tui.widgets.finding_text import mark_difference
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from workshop_tui.trust_chain import Link


class ChainView(Dialog[str | None]):
    """Six links to choose from, and the evidence of the chosen one. Enter answers the id of its step."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "close", tooltip="Go back", show=False),
        Binding("j", "move(1)", tooltip=MOVE, show=False),
        Binding("k", "move(-1)", tooltip=MOVE, show=False),
    ]
    enter_tells = "Go to the step that makes the link"

    def __init__(self, links: Sequence[Link], chosen: int = 0) -> None:
        """Take the links, and which to begin with."""
        super().__init__()
        self._links = tuple(links)
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Lay out the links and the evidence below them."""
        with Vertical(classes="dialog") as box:
            box.border_title = "Trust chain"
            self.tell_keys(box, "↑↓ links  Enter go to its step  Esc close")
            yield Choices(*(Option(_line(number, link)) for number, link in enumerate(self._links)))
            with VerticalScroll(can_focus=False):
                yield HangingText("", id="evidence")

    def on_mount(self) -> None:
        """Begin at the chosen link."""
        options = self.query_one(OptionList)
        options.highlighted = self._chosen
        options.focus()

    def show(self, links: Sequence[Link]) -> None:
        """Show the links as they are now, where one is: neither the choice nor the scrolling moves."""
        if tuple(links) == self._links or len(links) != len(self._links):
            return
        options = self.query_one(OptionList)
        for number, (before, link) in enumerate(zip(self._links, links, strict=True)):
            if link != before:
                options.replace_option_prompt_at_index(number, _line(number, link))
                if number == options.highlighted:
                    self.query_one("#evidence", HangingText).update(evidence_text(link))
        self._links = tuple(links)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the evidence."""
        self.query_one("#evidence", HangingText).update(evidence_text(self._links[event.option_index]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the step that makes the link."""
        self.dismiss(self._links[event.option_index].step)

    def action_move(self, lines: int) -> None:
        """Move among the links."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if lines > 0 else options.action_cursor_up()


def _line(number: int, link: Link) -> Text:
    text = Text(f"{SIGNS[link.state]} ", style=STYLES[link.state])
    return Text.assemble(text, f"{NODES[number]} → {NODES[number + 1]}")


def evidence_text(link: Link) -> Text:
    """Return what a link has on both its sides, differences marked."""
    text = Text()
    text.append(f"{link.title}\n", style="bold").append(f"{link.says}\n", style=STYLES[link.state])
    for row in link.evidence:
        if not row.there or row.here == row.there:
            sign = "=" if row.there else " "
            text.append(f"\n{sign} {row.what}: ", style="dim").append(row.here or "none")
            continue
        here, there = mark_difference(row.here or "none", row.there)
        text.append(f"\n≠ {row.what}\n", style="bold red")
        text.append("    is    ", style="dim").append_text(here)
        text.append("\n    want  ", style="dim").append_text(there)
    return text
