"""The step's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static

from workshop_tui.pages import blocks
from workshop_tui.tui.fold import fold_commands
from workshop_tui.tui.widgets.page_markdown import PageMarkdown

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from workshop_tui.workshop import Step


_FENCE_PADDING = 4
"""Columns left and right of a block of code."""


class PageView(VerticalScroll, can_focus=False):
    """The page to read, and under it the hints that were asked for.

    It takes no focus: a focus change would restyle every block of the Markdown, which is felt.
    """

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(id="page")
        self._hints_shown = 0
        self._commands_given = 0
        self._page = self._shown = ""
        self._columns = self._width = 0
        self._place = 0.0
        """How far one has read: 0 at the top, 1 at the end."""
        self._step: Step | None = None

    def compose(self) -> ComposeResult:
        """Lay out page and hints."""
        yield PageMarkdown(id="markdown", open_links=False)
        yield Static(id="hints", markup=False)

    async def open(self, step: Step, page: str) -> None:
        """Show the step's page from its top, with no hint."""
        self._step, self._page = step, page
        self._hints_shown = self._commands_given = 0
        self._place = 0.0
        self.border_title = Content(f"{step.number} · {step.title}")
        self.query_one("#hints", Static).update("")
        await self._draw()
        self.scroll_home(animate=False)

    async def refresh_page(self, page: str) -> None:
        """Show new values in the page, without moving it."""
        self._page = page
        await self._draw()

    async def on_resize(self, _: events.Resize) -> None:
        """Fold the commands anew where the page has become wider or narrower, and go on where one read."""
        await self._draw()
        self.call_after_refresh(self._go_on_reading)

    def _go_on_reading(self) -> None:
        self._width = self.size.width
        self.scroll_to(y=self._place * self.max_scroll_y, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Remember how far one has read, as long as the page is as wide as it was."""
        super().watch_scroll_y(old_value, new_value)
        if self.size.width == self._width and self.max_scroll_y:
            self._place = new_value / self.max_scroll_y

    async def _draw(self) -> None:
        markdown = self.query_one(Markdown)
        # A hidden page has no width; it will be as wide as it was.
        self._columns = markdown.content_size.width or self._columns
        shown = fold_commands(self._page, self._columns - _FENCE_PADDING) if self._columns else self._page
        if shown != self._shown:
            self._shown = shown
            await markdown.update(shown)

    def next_command(self) -> str:
        """Return the page's commands and code, a block a call, from the first again after the last."""
        found = blocks(self._page, "bash", "python")
        if not found:
            return ""
        block = found[self._commands_given % len(found)]
        self._commands_given += 1
        return block

    @property
    def place_of_command(self) -> str:
        """Return in words which of the page's blocks was given last."""
        count = len(blocks(self._page, "bash", "python"))
        return f"the page's block {(self._commands_given - 1) % count + 1} of {count}"

    def reveal_hint(self) -> bool:
        """Show one hint more; return False when there is none left."""
        step = self._step
        if step is None or self._hints_shown >= len(step.hints):
            return False
        self._hints_shown += 1
        shown = step.hints[: self._hints_shown]
        lines = (f"Hint {number} of {len(step.hints)}: {hint}" for number, hint in enumerate(shown, start=1))
        self.query_one("#hints", Static).update("\n\n".join(lines))
        self.call_after_refresh(self.scroll_end, animate=False)
        return True

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """Open links to the web, and nothing else."""
        event.stop()
        if event.href.startswith("https://"):
            self.app.open_url(event.href)
