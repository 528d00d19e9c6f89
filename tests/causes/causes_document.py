"""Makes docs/causes.md out of the catalogue.

Run by `scripts/causes`; test_causes_catalogue.py holds the document to it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.causes import CATALOGUE
from workshop_tui.causes.catalogue import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.causes import Cause

HEAD = """\
# Causes

Every reason that a finding can give. A code is stable: scripts may go by it. They stand in the order of the
chain of trust, which is the order in which several root causes are told. Written by `scripts/causes` out of
`workshop_tui/causes/catalogue.toml`, never by hand; `…` stands for what varies, `$NAME` for your own values,
as `workshop-tui shell` exports them.
"""
_SECTION = re.compile(r"^# ── (.*?) ─+$|^\[\"(.*)\"\]$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{ ([A-Z_]+) \}\}")


def document() -> str:
    """Return the document as it must be now."""
    return HEAD + "".join(_parts())


def _parts() -> Iterator[str]:
    for section, code in _SECTION.findall(FILE.read_text("utf-8")):
        yield f"\n## {section}\n" if section else _part(CATALOGUE[code])


def _part(cause: Cause) -> str:
    lines = [f"\n### `{cause.code}`\n", f"\n**{cause.title}.** {cause.why}\n"]
    if cause.shows:
        lines.append("\nShows itself as " + ", ".join(f"`{_code(words)}`" for words in cause.shows) + ".\n")
    lines.append(f"\nThe way out: {cause.remedy}\n")
    if cause.command:
        command = _PLACEHOLDER.sub(r'"$\1"', cause.command)
        lines.append(f"\n```sh\n{command}\n```\n")
    if cause.brings:
        lines.append("\nBrings about " + ", ".join(f"`{code}`" for code in cause.brings) + ".\n")
    if cause.link:
        lines.append(f"\n<{cause.link}>\n")
    return "".join(lines)


def _code(words: str) -> str:
    """Return words fit to stand between back-ticks."""
    return words.replace("`", "'")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), "utf-8")
