"""What a help bundle consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the bundle: `about` says in plain words what is in it."""

    name: str
    about: str
    text: str
