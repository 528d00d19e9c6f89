"""The trust chain in one line: what is joined, and where it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from workshop_tui.trust_chain import NODES, LinkState
from workshop_tui.tui.messages import ChainAsked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from workshop_tui.trust_chain import Link

SIGNS = {LinkState.HOLDS: "✔", LinkState.BROKEN: "✘", LinkState.OPEN: "○", LinkState.UNKNOWN: "?"}
STYLES = {
    LinkState.HOLDS: "green",
    LinkState.BROKEN: "bold red",
    LinkState.OPEN: "dim",
    LinkState.UNKNOWN: "magenta",
}
SHORT = ("pod", "account", "token", "credential", "identity", "role", "OpenAI")


class ChainBar(Static):
    """Six links between seven names. A click, or the key, shows a link's evidence."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__("", id="chain")
        self._links: tuple[Link, ...] = ()
        self._ends: list[int] = []

    @property
    def links(self) -> tuple[Link, ...]:
        """What is shown."""
        return self._links

    def show(self, links: tuple[Link, ...]) -> None:
        """Draw the links; with none there is no bar."""
        self.display = bool(links)
        if links != self._links:
            self._links = links
            self._draw()

    def on_resize(self) -> None:
        """Choose names that fit."""
        self._draw()

    def _draw(self) -> None:
        if not self._links:
            return
        text, self._ends = chain_text(self._links, self.size.width or 80)
        self.update(text)

    def on_click(self, event: events.Click) -> None:
        """Show the evidence of the link that was clicked."""
        index = sum(event.x >= end for end in self._ends)
        self.post_message(ChainAsked(min(index, len(self._links) - 1)))


def chain_text(links: Sequence[Link], width: int) -> tuple[Text, list[int]]:
    """Return the line, and for each link the column at which the next one begins."""
    for names, joint in ((NODES, "─"), (SHORT, "─"), (SHORT, "")):
        text, ends = Text(names[0], no_wrap=True, overflow="ellipsis"), []
        for name, link in zip(names[1:], links, strict=True):
            text.append(f" {joint}{SIGNS[link.state]}{joint} ", style=STYLES[link.state])
            text.append(name)
            ends.append(text.cell_len - len(name) // 2)
        if text.cell_len <= width:
            break
    return text, ends
