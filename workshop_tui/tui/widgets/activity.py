"""What an action does, line by line: its plan as commands, its progress, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import RichLog

from workshop_tui.authoring import Applied, Planned, Working
from workshop_tui.events import ActionEnded, ActionProgressed

if TYPE_CHECKING:
    from workshop_tui.events import Event


class Activity(RichLog, can_focus=True):
    """A log of the running action."""

    BORDER_TITLE = "Do it for me"

    def __init__(self) -> None:
        """Start empty; old lines are dropped after two thousand."""
        super().__init__(id="activity", min_width=1, markup=False, wrap=True, max_lines=2000, highlight=False)
        self._last = ""

    def begin(self, title: str) -> None:
        """Start a new action's story."""
        self.clear()
        self._last = ""
        self.border_title = f"Do it for me: {title}"

    def tell(self, event: Event) -> None:
        """Write down one event of the action."""
        match event:
            case ActionProgressed(progress=Planned(change=change)):
                self.write(Text(f"→ {change.what}", style="bold"))
                if change.command:
                    self.write(Text(f"    {change.command}", style="dim"))
            case ActionProgressed(progress=Applied(change=change, already=already)):
                self.write(
                    Text(f"✓ {change.what}" + (" (it was so already)" if already else ""), style="green")
                )
            case ActionProgressed(progress=Working(text=text, fraction=fraction)):
                line = text if fraction is None else f"{text} {fraction:.0%}"
                if line != self._last:
                    self._last = line
                    self.write(Text(f"  {line}"))
            case ActionEnded(problem=problem, remedy=remedy) if problem:
                self.write(Text(f"✘ {problem}", style="bold red"))
                if remedy:
                    self.write(Text(f"  {remedy}", style="italic"))
            case ActionEnded():
                self.write(Text("Done. Checking …", style="green"))
            case _:
                pass
