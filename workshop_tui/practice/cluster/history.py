"""The recent changes of all objects: what watches are fed from."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import expired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Change, Object

KEPT = 2000
"""Changes kept for watches that resume; an older one is answered 410, as etcd's compaction would."""


@dataclass(frozen=True, slots=True)
class Record:
    """One change at one version; `previous` is the object before it."""

    version: int
    resource: str
    change: Change
    previous: Object | None


class EndOfHistoryError(Exception):
    """The cluster is shutting down: a watch gets no more changes."""


class Subscription:
    """The changes of one reader, in order, from where it subscribed."""

    def __init__(self) -> None:
        self._waiting: deque[Record] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def push(self, record: Record) -> None:
        """Add a change."""
        self._waiting.append(record)
        self._news.set()

    def close(self) -> None:
        """Let the reader know that nothing more will come."""
        self._closed = True
        self._news.set()

    async def next(self) -> Record:
        """Wait for the next change; EndOfHistoryError once the cluster stops."""
        while not self._waiting:
            if self._closed:
                raise EndOfHistoryError
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    def take_all(self) -> list[Record]:
        """Return what has come in so far, without waiting."""
        records = list(self._waiting)
        self._waiting.clear()
        return records


class History:
    """A bounded log of changes and those who follow it."""

    def __init__(self, start: int) -> None:
        """Begin after version `start`: what was before is not known any more."""
        self._records: deque[Record] = deque(maxlen=KEPT)
        self._oldest = start
        self._subscriptions: set[Subscription] = set()

    @property
    def oldest(self) -> int:
        """The oldest version after which every change is still known."""
        return self._oldest

    def append(self, record: Record) -> None:
        """Add a change and hand it to every follower."""
        if len(self._records) == KEPT:
            self._oldest = self._records[0].version
        self._records.append(record)
        for subscription in tuple(self._subscriptions):
            subscription.push(record)

    def since(self, version: int) -> Iterator[Record]:
        """Return the changes after `version`; ApiError Expired when some are gone."""
        if version < self._oldest:
            raise expired(version, self._oldest)
        return iter([record for record in self._records if record.version > version])

    def subscribe(self, since: int | None = None) -> Subscription:
        """Follow from now on, or from after version `since`; give it back with `unsubscribe`."""
        subscription = Subscription()
        for record in self.since(since) if since is not None else ():
            subscription.push(record)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop following."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every subscription: the cluster stops."""
        for subscription in tuple(self._subscriptions):
            subscription.close()
