"""Copies of JSON values: twice as quick as `copy.deepcopy`, which minds what JSON never holds."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    """Return a deep copy of a JSON value: dicts and lists anew, all else (unchangeable) as it is."""
    if isinstance(value, dict):
        return {  # type: ignore[return-value]  # a dict of what was in this one
            key: copied(each) if (kind := each.__class__) is dict or kind is list else each
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [  # type: ignore[return-value]  # as above
            copied(each) if (kind := each.__class__) is dict or kind is list else each for each in value
        ]
    return value
