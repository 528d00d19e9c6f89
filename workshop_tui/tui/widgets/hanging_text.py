"""Text whose long lines go on below where they began: what stands under a sign stays under it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.text import Text
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.selection import Selection
    from textual.visual import VisualType

_BEGINNING = re.compile(r" *(?:(?:is|want) {2,}|[✔✘◌?→↶≠=○·] +(?:\d+ · )?)?")
"""What a line begins with before its words: blanks, then a sign, a step's number or the name of a row."""
_LEAST = 24
"""Columns that must be left for the words; where there are fewer, nothing is indented."""


class Line(NamedTuple):
    """A line as it is shown; `joint` is what stood where it was broken off the line before, None: a line."""

    text: Text
    indent: int
    joint: str | None


def hang(text: Text, width: int, *, indent: int | None = None) -> list[Line]:
    """Return the text's lines no wider than `width` columns, each broken one going on under its words.

    `indent` says where the words begin, where their beginning does not.
    """
    lines: list[Line] = []
    for line in text.split("\n", allow_blank=True):
        lines += _hung(line, width, indent)
    return lines


def _hung(line: Text, width: int, words_at: int | None) -> list[Line]:
    if line.cell_len <= width:
        return [Line(line, 0, None)]
    match = _BEGINNING.match(line.plain)
    indent = match.end() if match else 0
    if width - indent < _LEAST:
        indent = 0
    indent = indent if words_at is None else words_at
    beginning, words = line.divide([indent]) if indent else (Text(), line)
    lines, place = [], indent
    for number, part in enumerate(words.wrap(_console(), width - indent)):
        part.rstrip()
        start = max(place, line.plain.find(part.plain, place))
        joint = line.plain[place:start] if number else None
        place = start + len(part.plain)
        lines.append(Line((Text(" " * indent) if number else beginning) + part, indent, joint))
    return lines


@lru_cache(maxsize=1)
def _console() -> Console:
    return Console()


class HangingText(Static):
    """Shows a text hung; what is selected with the mouse is what was said, without our line breaks."""

    def __init__(self, content: VisualType = "", *, id: str = "", classes: str = "") -> None:  # noqa: A002 - Textual's
        """Take the text; markup is not looked for."""
        super().__init__(content, id=id or None, classes=classes or None, markup=False)

    def _lines(self, width: int) -> list[Line]:
        content = self.content
        return hang(content if isinstance(content, Text) else Text(str(content)), width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return how many lines it takes."""
        return len(self._lines(width)) if width else 0

    def render(self) -> Text:
        """Draw it as wide as there is room."""
        lines = self._lines(self.content_size.width or self.app.size.width)
        return Text("\n").join(line.text for line in lines)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what was selected, as it was before it was broken into lines."""
        told = ""
        for number, line in enumerate(self._lines(self.content_size.width)):
            span = selection.get_span(number)
            if span is None:
                continue
            start, end = span
            said = line.text.plain[: end if end >= 0 else None]
            if line.joint is None:
                told += ("\n" if told else "") + said[start:]
            else:
                told += (line.joint if told else "") + said[max(start, line.indent) :]
        return told, "\n"
