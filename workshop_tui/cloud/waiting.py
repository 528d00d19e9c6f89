"""Trying again where a service says that it is not ready yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from workshop_tui.cloud.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

LONGEST_SECONDS = 120.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0


async def while_refused(code: str, send: Callable[[], Awaitable[T]]) -> T:
    """Send until it is not refused with this code, ever more slowly, for two minutes at most.

    Raises:
        RefusedError: it is refused with another code, or still after that time.

    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_SECONDS
    pause = FIRST_PAUSE
    while True:
        try:
            return await send()
        except RefusedError as error:
            if error.refusal.code != code or loop.time() + pause > deadline:
                raise
        # No event says when a directory has caught up, or when another writer is done.
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
