"""Facts as lines of text, so that before and after can be compared. Secrets stay masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from workshop_tui.authoring import Absent, Unreadable
from workshop_tui.facts.engine import needs_of
from workshop_tui.findings import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.facts.engine import Facts
    from workshop_tui.workshop import Step

_RESTLESS = frozenset({"Now", "Sightings", "Names"})
"""What differs without anybody's doing, or is no fact of the world."""
_FOR_NO_READER = frozenset({"fingerprint"})
"""Fields that tell a person nothing."""


async def take_snapshot(step: Step, facts: Facts) -> dict[str, str]:
    """Return what the step's checks look at, by kind of fact; what only a live request tells is left out."""
    kinds = {
        need.kind: None
        for check in step.checks
        if check.scope is not Scope.LIVE
        for need in needs_of(check.judge)
    }
    return {
        kind.__name__: "\n".join(lines_of(await facts.read(kind)))
        for kind in kinds
        if kind.__name__ not in _RESTLESS
    }


def lines_of(value: object, name: str = "") -> Iterator[str]:
    """Yield a fact as lines `name: value`, a level of nesting indented by two blanks."""
    label = f"{name}: " if name else ""
    match value:
        case Absent():
            yield f"{label}not there"
        case Unreadable():
            yield f"{label}could not be read: {value.reason}"
        case Mapping():
            yield from _nested(name, ((str(key), item) for key, item in value.items()))
        case tuple() | list() if not any(is_dataclass(item) for item in value):
            yield f"{label}{', '.join(str(item) for item in value) or 'none'}"
        case tuple() | list():
            yield from _nested(name, (("-", item) for item in value))
        case _ if (
            is_dataclass(value) and not isinstance(value, type) and type(value).__str__ is object.__str__
        ):
            shown = (
                (item.name.replace("_", " "), getattr(value, item.name))
                for item in fields(value)
                if item.repr and item.name not in _FOR_NO_READER
            )
            yield from _nested(name, shown)
        case _:
            yield from f"{label}{value}".splitlines() or [label]


def _nested(name: str, items: Iterator[tuple[str, object]]) -> Iterator[str]:
    if name:
        yield f"{name}:"
    indent = "  " if name else ""
    for key, item in items:
        for line in lines_of(item, key):
            yield f"{indent}{line}"
