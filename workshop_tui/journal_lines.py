"""What stands in a line of the journal. One that somebody has spoilt is left out, and keeps nobody away."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from workshop_tui.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    at: datetime
    kind: str
    step: str
    body: Mapping[str, str]


def readable(make: Callable[[Any], T], rows: Iterable[Any]) -> list[T]:
    """Return what is made of the rows that can be read."""
    found = []
    for row in rows:
        try:
            found.append(make(row))
        except (ValueError, TypeError, KeyError):
            _log.warning("a line of the journal cannot be read; it is left out")
    return found


def entry_of(row: Sequence[Any]) -> Entry:
    """Return the entry of a row: time, kind, step, body."""
    at, kind, step, body = row
    return Entry(moment_of(at), kind, step, _body_of(body))


def recalled(row: Sequence[Any]) -> tuple[str, Entry]:
    """Return scope and entry of a row that has the scope in front."""
    return row[0], entry_of(row[1:])


def evidence_of(kind: str, text: str) -> Evidence | None:
    """Return the evidence in a body; None where it was withdrawn."""
    body = _body_of(text)
    if not body.get("fingerprint"):
        return None
    return Evidence(kind, body["fingerprint"], moment_of(body["seen"]), _body_of(body["data"]))


def moment_of(text: str) -> datetime:
    """Return a moment as it was written; ValueError where it has no time zone, which none of ours lacks."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _body_of(text: str) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(type(found))
    return found
