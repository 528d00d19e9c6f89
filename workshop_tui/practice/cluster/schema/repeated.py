"""JSON in which a field stands twice: the last one counts, and a strict reader refuses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Json


class Repeating(dict[str, Any]):
    """An object of which some fields stood more than once: `repeated`."""

    repeated: tuple[str, ...] = ()


def parse_json(text: bytes | str) -> Json:
    """Return the JSON value, with `Repeating` for such objects; ValueError when it is none."""
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    names = [name for name, _ in pairs]
    repeating = Repeating(plain)
    repeating.repeated = tuple(name for name in plain if names.count(name) > 1)
    return repeating


def repeated_in(value: Json, path: str = "") -> Iterator[str]:
    """Yield the places of repeated fields, in the words of a strict decoder."""
    if isinstance(value, Repeating):
        yield from (f'duplicate field "{joined(path, name)}"' for name in value.repeated)
    if isinstance(value, dict):
        for name, item in value.items():
            yield from repeated_in(item, joined(path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from repeated_in(item, f"{path}[{index}]")


def joined(path: str, name: str) -> str:
    """Return the path of a field below another."""
    return f"{path}.{name}" if path else name
