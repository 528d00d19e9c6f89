"""What types and fields mean, in the words of the Kubernetes API: `descriptions.txt`, read when asked for.

A type's line begins with its name; the lines of its fields follow, each after a space. `!` after a field's
name: it is required. scripts/descriptions writes the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(slots=True)
class Described:
    """The words for a type, and for those of its fields that have any; `required` are the fields' names."""

    words: str
    fields: dict[str, str] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)


@cache
def _described() -> dict[str, Described]:
    text = (Path(__file__).parent / "descriptions.txt").read_text(encoding="utf-8")
    types: dict[str, Described] = {}
    current = Described("")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, _, words = line.strip().partition(" ")
        if not line.startswith(" "):
            current = types[name] = Described(words)
            continue
        if name.endswith("!"):
            name = name[:-1]
            current.required.append(name)
        current.fields[name] = words
    return types


def described(type_name: str) -> Described:
    """Return the words for a type; KeyError when there are none."""
    return _described()[type_name]


def words_for(type_name: str, field_name: str, element: str) -> str:
    """Return the words for a field: its own, else those of the type it holds."""
    own = described(type_name).fields.get(field_name)
    held = _described().get(element)
    return own or (held.words if held else "")
