"""The lines of a unified diff as text: what goes in red, what comes in green, each with its sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLES = {"+": "green", "-": "red"}
_PLACES = ("@", "--- ", "+++ ")
"""Lines that only say where; the title above them says it better."""


def difference_text(lines: Iterable[str], indent: str = "  ") -> Text:
    """Return the lines with a newline after each, without those that only say where."""
    text = Text()
    for line in lines:
        if not line.startswith(_PLACES):
            text.append(f"{indent}{line}\n", style=_STYLES.get(line[:1], "dim"))
    return text
