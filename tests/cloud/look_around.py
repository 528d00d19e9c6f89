"""Reading facts in tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from workshop_tui.facts.catalogue import RESOLVERS
from workshop_tui.facts.engine import Facts
from workshop_tui.model import EvidenceBook, Names

if TYPE_CHECKING:
    from workshop_tui.cloud import Cloud
    from workshop_tui.model import Absent, Evidence, Unreadable
    from workshop_tui.target import Target

T = TypeVar("T")


class NoEvidence:
    """An evidence book with nothing in it."""

    def latest(self, kind: str) -> Evidence | None:
        del kind
        return None

    def forget(self, kind: str) -> None:
        del kind


def pass_over(cloud: Cloud, target: Target) -> Facts:
    """One pass over the world, with every resolver there is."""
    services = {**cloud.services(), Names: target.names, EvidenceBook: NoEvidence()}
    return Facts(services, RESOLVERS)


async def read(cloud: Cloud, target: Target, kind: type[T]) -> T | Absent | Unreadable:
    """Read one fact in a pass of its own."""
    async with pass_over(cloud, target) as facts:
        return await facts.read(kind)


async def must_read(cloud: Cloud, target: Target, kind: type[T]) -> T:
    """Read one fact that has to be there."""
    found = await read(cloud, target, kind)
    assert isinstance(found, kind), found
    return found
