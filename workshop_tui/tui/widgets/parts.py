"""The desk's parts side by side, or one at a time where the terminal is narrow."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.findings_panel import FindingsPanel
from workshop_tui.tui.widgets.page_view import PageView
from workshop_tui.tui.widgets.steps_list import StepsList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from workshop_tui.events import GuideProtocol
    from workshop_tui.workshop import Workshop

NAMES = ("read", "steps", "check")


class Tabs(Static):
    """The names of the parts, where one is shown at a time; a click turns to one."""

    def __init__(self) -> None:
        """Start at the first."""
        super().__init__("", id="tabs")

    def show(self, turned_to: str) -> None:
        """Mark the part that is shown."""
        text = Text("Tab ", style="dim")
        for name in NAMES:
            text.append(f" {name.capitalize()} ", style="reverse" if name == turned_to else "")
        self.update(text)

    def on_click(self, event: events.Click) -> None:
        """Turn to the part that was clicked."""
        ends = list(accumulate((len(name) + 2 for name in NAMES), initial=len("Tab ") + 1))[1:]
        index = sum(event.x >= end for end in ends)
        self.screen.query_one(Parts).turn_to(NAMES[min(index, len(NAMES) - 1)])


class Parts(Vertical):
    """Steps, page and checks. Which one is shown where there is room for one only stands in `turned_to`."""

    def __init__(self, workshop: Workshop, guide: GuideProtocol) -> None:
        """Take the workshop, for the list of its steps, and who acts."""
        super().__init__(id="desk-parts")
        self._workshop, self._guide = workshop, guide
        self.turned_to = NAMES[0]

    def compose(self) -> ComposeResult:
        """Lay the parts out beside each other; the style sheet hides two of them where it is narrow."""
        yield Tabs()
        with Horizontal(id="parts"):
            yield StepsList(self._workshop)
            yield PageView()
            with Vertical(id="side"):
                yield FindingsPanel()
                yield Activity(self._guide)

    def on_mount(self) -> None:
        """Begin with the page."""
        self.turn_to(NAMES[0])

    @property
    def shows_checks(self) -> bool:
        """Whether the findings can be seen."""
        return not self.one_at_a_time or self.turned_to == "check"

    @property
    def one_at_a_time(self) -> bool:
        """Whether there is room for one part only."""
        return self.screen.has_class("-narrow")

    @property
    def is_whole(self) -> bool:
        """Whether all parts are shown beside each other: then only the focus turns."""
        return not self.one_at_a_time and not self.screen.has_class("-short")

    def turn(self, parts: int) -> None:
        """Turn to the next part, or back to the one before."""
        focused = self.screen.focused
        if isinstance(focused, StepsList | FindingsPanel):
            self.turned_to = "steps" if isinstance(focused, StepsList) else "check"
        self.turn_to(NAMES[(NAMES.index(self.turned_to) + parts) % len(NAMES)])
        self._focus()

    def turn_to(self, name: str) -> None:
        """Turn to `read`, `steps` or `check`; where all are in sight the keys stay where they are."""
        self.turned_to = name
        self.query_one(Tabs).show(name)
        for each in NAMES:
            self.screen.set_class(each == name, f"-{each}")
        if name == "check":
            self.query_one(FindingsPanel).reveal()
        if not self.is_whole:
            self._focus()

    def _focus(self) -> None:
        """Give the keys to the part that is turned to; the page needs no focus to be scrolled."""
        focused = {"steps": self.query_one(StepsList), "check": self.query_one(FindingsPanel)}
        self.screen.set_focus(focused.get(self.turned_to))

    def scroll_lines(self, lines: int) -> None:
        """Scroll what is being read, wherever the focus is; in the list of steps, move the cursor."""
        focused = self.screen.focused
        if isinstance(focused, StepsList) and abs(lines) <= 2:  # noqa: PLR2004 - one line of the list
            focused.action_cursor_down() if lines > 0 else focused.action_cursor_up()
        elif isinstance(focused, FindingsPanel):
            focused.scroll_relative(y=lines, animate=False)
        else:
            self.query_one(PageView).scroll_relative(y=lines, animate=False)
