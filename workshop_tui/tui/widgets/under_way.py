"""What is under way at once: layers that are pushed, pods that start. Each has a line of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

if TYPE_CHECKING:
    from workshop_tui.authoring import Working

ROWS = 4
"""How many are shown; of more than that it is said how many there are."""
BAR = 12


def bar(fraction: float, width: int = BAR) -> str:
    """Return a bar that is full at 1, and the percentage."""
    done = round(fraction * width)
    return f"{'━' * done}{'╌' * (width - done)} {fraction:4.0%}"


class UnderWay(Static):
    """The lines, in the order in which they came. Not there while nothing is under way."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__("", id="under-way", markup=False)
        self.display = False
        self._items: dict[str, Working] = {}

    def show(self, working: Working) -> bool:
        """Show how an item stands; return whether it is done, and with that no longer shown."""
        done = working.fraction is not None and working.fraction >= 1
        if done:
            self._items.pop(working.item, None)
        else:
            self._items[working.item] = working
        self._draw()
        return done

    def clear(self) -> None:
        """Forget them all: what they were about is over."""
        if self._items:
            self._items.clear()
            self._draw()

    def _draw(self) -> None:
        items = list(self._items.values())
        lines = [
            f"{bar(item.fraction)}  {item.text}" if item.fraction is not None else f"· {item.text}"
            for item in items[:ROWS]
        ]
        if len(items) > ROWS:
            lines.append(f"… and {len(items) - ROWS} more")
        self.display = bool(lines)
        self.update("\n".join(lines))
