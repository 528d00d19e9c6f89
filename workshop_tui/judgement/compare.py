"""In what two texts differ, in words: for values that must match to the letter."""

from __future__ import annotations

from itertools import zip_longest
from uuid import UUID

_SHOWN = 24


def difference(observed: str, expected: str) -> str:
    """Return how `observed` differs from `expected`, as a sentence; empty where it does not."""
    if observed == expected:
        return ""
    if observed.strip() == expected.strip():
        return "They differ in blanks at an end only."
    if observed == expected + "/":
        return "It has a slash at its end that does not belong there."
    if observed + "/" == expected:
        return "The slash at its end is missing."
    if observed.casefold() == expected.casefold():
        return f"They differ in upper and lower case only, at character {_first(observed, expected) + 1}."
    return _from_first(observed, expected)


def visible(text: str) -> str:
    """Return a text as it can be seen: in quotes where a blank at an end would be missed, or it is empty."""
    return text if text and text == text.strip() else f"“{text}”"


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID in its usual form."""
    try:
        return str(UUID(text)) == text.casefold()
    except ValueError:
        return False


def _first(observed: str, expected: str) -> int:
    pairs = zip_longest(observed, expected)
    return next(index for index, (one, other) in enumerate(pairs) if one != other)


def _from_first(observed: str, expected: str) -> str:
    place = _first(observed, expected)
    return (
        f"From character {place + 1} on it reads {_quoted(observed[place:])}"
        f" where {_quoted(expected[place:])} belongs."
    )


def _quoted(text: str) -> str:
    if not text:
        return "nothing"
    return f"“{text[:_SHOWN]}…”" if len(text) > _SHOWN else f"“{text}”"
