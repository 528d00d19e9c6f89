"""What proves each route and refusal of the practice cloud: the words of the table, and the table itself.

A proof is a recording of the real service, or an unchanged real client that a test drives. What has neither
is `Unproven`, with the reason; what has no counterpart outside the practice cloud is `Ours`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of recordings; `entry` names the entry of a file that holds many, as `arm.PrincipalNotFound`."""

    file: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A test, as `file.py::Class::test`, and the real client it drives."""

    test: str
    by: str


@dataclass(frozen=True, slots=True)
class Ours:
    """Of the practice cloud itself: no real service has it."""

    why: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """Neither recorded nor reached by a real client."""

    why: str


Proof: TypeAlias = Recording | Client | Ours | Unproven


@dataclass(frozen=True, slots=True)
class RouteProof:
    """The proof of the routes a pattern names (`*` stands for anything)."""

    routes: str
    proof: Proof

    def covers(self, route: str) -> bool:
        """Say whether a route is among them."""
        return fnmatchcase(route, self.routes)


@dataclass(frozen=True, slots=True)
class RefusalProof:
    """The proof of one refusal: service, status, code, and enough of its words to tell it from others."""

    service: str
    status: int
    code: str
    words: str
    proof: Proof
