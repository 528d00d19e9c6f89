"""The workshop's source text, read as a learner would: its blocks, in order, as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TEXT = Path(__file__).parents[3] / "shared" / "workshop" / "seed.md"
_BLOCK = re.compile(
    r"(?:<summary>`?(?P<title>[^<`]*)[^<]*</summary>\s*)?^```(?P<language>\w+)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the text; `title` is that of the fold it is in, such as `requirements.txt`."""

    language: str
    body: str
    title: str


def blocks() -> list[Block]:
    """Return all of the text's blocks."""
    return [
        Block(found["language"], found["body"], found["title"] or "")
        for found in _BLOCK.finditer(TEXT.read_text("utf-8"))
    ]
