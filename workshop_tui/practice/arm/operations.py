"""Long-running operations: they end by the clock, also while the process is down.

What an operation brings about is applied when it ends: by the background task, or by the first request that
looks at it afterwards, whichever comes first.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.arm.answers import Body
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.arm.resources import Resources
    from workshop_tui.practice.context import Practice

KIND = "operation"
CLUSTER_STATUSES = (
    "InProgress",
    "ProvisioningNetworkResources",
    "ProvisioningControlPlane",
    "ReconcilingDNS",
)
"""What a cluster update goes through, as recorded."""
SHORTEST_RETRY = 0.1
LONGEST_RETRY = 1.0


class Operations:
    """The operations under way and those that are over."""

    def __init__(self, practice: Practice, resources: Resources) -> None:
        self._practice = practice
        self._resources = resources
        self._started = asyncio.Event()
        self.on_end: Callable[[str], None] = lambda _: None
        """Called with the resource's id after an operation on it has ended."""
        self.remove: Callable[[str], object] = resources.remove
        """Called with the resource's id when a deletion ends."""

    def start(
        self,
        resource_id: str,
        seconds: float,
        statuses: tuple[str, ...] = ("Updating",),
        *,
        deletes: bool = False,
    ) -> str:
        """Begin an operation that takes `seconds` of simulated time; return its GUID."""
        name = str(uuid.uuid4())
        document = {
            "name": name,
            "resource": resource_id.lower(),
            "statuses": list(statuses),
            "start": self._practice.clock.now().isoformat(),
            "end": self._practice.clock.after(seconds).isoformat(),
            "over": False,
            "deletes": deletes,
        }
        self._practice.store.write(KIND, name, document)
        self._started.set()
        return name

    def get(self, name: str) -> Body | None:
        """Return an operation, ended when its time has come."""
        document = self._practice.store.read(KIND, name.lower())
        if document is not None and not document["over"] and self._is_due(document):
            self._end(document)
        return document

    def under_way(self, resource_id: str) -> Body | None:
        """Return the operation that still changes a resource."""
        self.settle()
        pending = self._pending()
        return next((each for each in pending if each["resource"] == resource_id.lower()), None)

    def settle(self) -> None:
        """End every operation whose time has come."""
        for document in self._pending():
            if self._is_due(document):
                self._end(document)

    def status(self, document: Body) -> str:
        """Return the status at this moment."""
        if document["over"]:
            return "Succeeded"
        start, end = (datetime.fromisoformat(document[each]) for each in ("start", "end"))
        share = (self._practice.clock.now() - start) / max(end - start, datetime.resolution)
        statuses: list[str] = document["statuses"]
        return statuses[min(int(share * len(statuses)), len(statuses) - 1)]

    def seconds_left(self, document: Body) -> float:
        """Return the real seconds until the operation ends."""
        left = datetime.fromisoformat(document["end"]) - self._practice.clock.now()
        return max(0.0, left.total_seconds())

    async def run(self) -> None:
        """End operations as they fall due, until cancelled."""
        while True:
            self._started.clear()
            self.settle()
            pending = self._pending()
            wait = min((self.seconds_left(each) for each in pending), default=None)
            try:
                async with asyncio.timeout(wait):
                    await self._started.wait()
            except TimeoutError:
                continue

    def _pending(self) -> list[Body]:
        return [each for _, each in self._practice.store.scan(KIND) if not each["over"]]

    def _is_due(self, document: Body) -> bool:
        return datetime.fromisoformat(document["end"]) <= self._practice.clock.now()

    def _end(self, document: Body) -> None:
        document["over"] = True
        with self._practice.store.transaction():
            self._practice.store.write(KIND, document["name"], document)
            resource = self._resources.get(document["resource"])
            if document.get("deletes"):
                self.remove(document["resource"])
            elif resource is not None:
                resource["properties"]["provisioningState"] = "Succeeded"
                self._resources.put(document["resource"], resource)
        self.on_end(document["resource"])


def retry_after(arm: Arm, name: str) -> str:
    """Return in how many real seconds it is worth looking at an operation again."""
    operation = arm.operations.get(name)
    left = 0.0 if operation is None else arm.operations.seconds_left(operation)
    return f"{min(LONGEST_RETRY, max(SHORTEST_RETRY, left)):.2f}"
