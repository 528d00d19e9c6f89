"""A page's Markdown, drawn so that no line of code is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownFence

if TYPE_CHECKING:
    from markdown_it.token import Token
    from textual.widgets.markdown import MarkdownBlock

_DRAWN = {"", "text"}
"""Fences of these languages hold drawings or output: they keep their lines, and scroll sideways."""


class PageFence(MarkdownFence):
    """A block of code; what is wider than the page goes on in the next line."""

    def __init__(self, markdown: Markdown, token: Token, code: str) -> None:
        """Wrap code; leave drawings as they are."""
        super().__init__(markdown, token, code)
        self.set_class(token.info not in _DRAWN, "-code")


class PageMarkdown(Markdown):
    """Markdown with our blocks of code."""

    def get_block_class(self, block_name: str) -> type[MarkdownBlock]:
        """Return our own class for blocks of code."""
        block = super().get_block_class(block_name)
        return PageFence if block is MarkdownFence else block
