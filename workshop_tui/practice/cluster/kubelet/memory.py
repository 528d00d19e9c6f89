"""Memory limits of plain processes: measured from outside, enforced by killing, as the kernel does it.

What counts is anonymous and shared memory: pages of files can be given back, so they kill nobody. It is
looked at once a second, so a process may be over its limit for that long. Only Linux tells these numbers.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.quantities import parse_quantity

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

_PROCESSES = Path("/proc")
_COUNTED = ("RssAnon:", "RssShmem:")
INTERVAL_SECONDS = 1.0
"""Real seconds between two looks."""


def can_measure() -> bool:
    """Return whether this machine tells the memory of its processes."""
    return (_PROCESSES / "self" / "status").is_file()


def used_bytes(pid: int) -> int:
    """Return what a process and all its children hold; 0 for one that is gone."""
    total = 0
    try:
        for line in (_PROCESSES / str(pid) / "status").read_text().splitlines():
            if line.startswith(_COUNTED):
                total += int(line.split()[1]) * 1024
        children = [
            child
            for task in (_PROCESSES / str(pid) / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return total
    return total + sum(used_bytes(int(child)) for child in children)


def memory_limit(container: Object) -> int | None:
    """Return a container's limit in bytes, None when it has none."""
    limit = ((container.get("resources") or {}).get("limits") or {}).get("memory")
    return int(parse_quantity(limit)) if limit else None


async def exceeds(pid: int, limit: int) -> None:
    """Return once the process holds more than `limit` bytes."""
    while used_bytes(pid) <= limit:  # noqa: ASYNC110 - nobody tells when a process grows
        await asyncio.sleep(INTERVAL_SECONDS)
