"""A world to read facts from, in tests."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from workshop_tui.authoring import AzureChanges, ClusterChanges
from workshop_tui.cloud import open_cloud
from workshop_tui.facts.catalogue import RESOLVERS
from workshop_tui.facts.engine import Facts
from workshop_tui.model import EvidenceBook, Names

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from workshop_tui.cloud import Cloud
    from workshop_tui.model import Absent, Evidence, Unreadable
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target

T = TypeVar("T")


class NoEvidence:
    """An evidence book with nothing in it."""

    def latest(self, kind: str) -> Evidence | None:
        del kind
        return None

    def forget(self, kind: str) -> None:
        del kind


@dataclass(slots=True)
class World:
    settings: Settings
    target: Target
    cloud: Cloud

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, target: Target, *, read_only: bool = False
    ) -> AsyncIterator[World]:
        async with open_cloud(target, settings, evidence=NoEvidence(), read_only=read_only) as cloud:
            yield cls(settings, target, cloud)

    @asynccontextmanager
    async def named(self, **names: Any) -> AsyncIterator[World]:
        """The same world, with other names set."""
        target = replace(self.target, names=replace(self.target.names, **names))
        async with World.open(self.settings, target) as opened:
            yield opened

    @property
    def azure(self) -> Any:
        return self.cloud.services()[AzureChanges]

    @property
    def cluster(self) -> Any:
        return self.cloud.services()[ClusterChanges]

    def client(self, kind: type[T]) -> T:
        found = self.cloud.services()[kind]
        assert isinstance(found, kind)
        return found

    def facts(self) -> Facts:
        services = {**self.cloud.services(), Names: self.target.names, EvidenceBook: NoEvidence()}
        return Facts(services, RESOLVERS)

    async def read(self, kind: type[T]) -> T | Absent | Unreadable:
        async with self.facts() as facts:
            return await facts.read(kind)

    async def must_read(self, kind: type[T]) -> T:
        found = await self.read(kind)
        assert isinstance(found, kind), found
        return found
