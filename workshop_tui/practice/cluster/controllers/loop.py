"""Runs the controllers: changes wake them, and the times they ask for."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
from typing import TYPE_CHECKING, Protocol

from workshop_tui.practice.cluster.history import EndOfHistoryError
from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object

Key = tuple[str, str]
"""Namespace and name of what a controller looks after."""

RETRY_SECONDS = 1.0
"""After a fault of our own; refusals are the controllers' own matter."""

logger = logging.getLogger(__name__)


class Controller(Protocol):
    """One controller: says which keys a change concerns, and reconciles a key; it never waits."""

    def concerns(self, resource: str, object_: Object) -> Iterable[Key]:
        """Return what has to be looked at when this object has changed."""

    def reconcile(self, key: Key) -> float | None:
        """Do what is to be done; return real seconds after which to look again, if nothing changes before."""


class ControlLoop:
    """All controllers on one queue: what one of them writes wakes the others."""

    def __init__(self, objects: Objects, controllers: Iterable[Controller]) -> None:
        self._objects = objects
        self._controllers = tuple(controllers)
        self._dirty: dict[tuple[int, Key], None] = {}
        self._timers: list[tuple[float, tuple[int, Key]]] = []

    async def run(self) -> None:
        """Work until cancelled, or until the cluster stops."""
        subscription = self._objects.history.subscribe()
        try:
            for resource, object_ in self._objects.everything():
                self._note(resource, object_)
            while True:
                await self._drain()
                records = subscription.take_all()
                if not records and not self._due():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._next_timer()):
                            records = [await subscription.next()]
                for record in records:
                    self._note(record.resource, record.change.object)
        except EndOfHistoryError:
            return
        finally:
            self._objects.history.unsubscribe(subscription)

    def _note(self, resource: str, object_: Object) -> None:
        for index, controller in enumerate(self._controllers):
            for key in controller.concerns(resource, object_):
                self._dirty[index, key] = None

    async def _drain(self) -> None:
        """Look at everything that is due once; let requests be served in between."""
        now = asyncio.get_running_loop().time()
        while self._timers and self._timers[0][0] <= now:
            self._dirty[heapq.heappop(self._timers)[1]] = None
        work, self._dirty = self._dirty, {}
        for index, key in work:
            delay = self._reconcile(self._controllers[index], key)
            if delay is not None:
                heapq.heappush(self._timers, (now + delay, (index, key)))
            await asyncio.sleep(0)

    @staticmethod
    def _reconcile(controller: Controller, key: Key) -> float | None:
        try:
            return controller.reconcile(key)
        except ApiError as error:
            logger.info("%s: %s: %s", type(controller).__name__, key, error.message)
        except Exception:
            logger.exception("%s: %s", type(controller).__name__, key)
        return RETRY_SECONDS

    def _due(self) -> bool:
        return bool(self._timers) and self._timers[0][0] <= asyncio.get_running_loop().time()

    def _next_timer(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - asyncio.get_running_loop().time())
