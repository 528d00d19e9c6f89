"""The last filter before the screen: no control character of anybody's text gets to the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_HALVES = re.compile(r"[\xad\ud800-\udfff]")
"""A column wide: halves of surrogate pairs, which no terminal can be written at all, and soft hyphens."""
_CONTROLS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
"""Controls, and what turns the reading direction or takes no room: no column is lost with them."""


class ControlCharacterFilter(LineFilter):
    """Leaves them out as a line is drawn. Text is cleaned where it is read; this is where one forgot to."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - its signature
        """Return the line without them."""
        if all(_is_harmless(segment.text) for segment in segments):
            return segments
        return [
            Segment(_HALVES.sub("�", _CONTROLS.sub("", text)), style, control)
            for text, style, control in segments
        ]


def _is_harmless(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or not (_CONTROLS.search(text) or _HALVES.search(text))
