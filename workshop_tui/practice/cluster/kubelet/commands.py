"""Commands the kubelet itself runs in containers, for probes and hooks: to their end, within a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.kubelet.runtimes import Running

LONGEST_OUTPUT = 10 * 1024
"""Bytes of output that are kept, as the kubelet does for probes."""


async def run_to_end(current: Running, command: Sequence[str], seconds: float) -> tuple[int, str]:
    """Return the command's exit code and what it printed.

    Raises:
        ExecutionError: it could not be started.
        TimeoutError: it did not end in time (real seconds) and was killed.

    """
    async with asyncio.timeout(seconds):
        execution = await current.execute(command, terminal=False, stdin=False)
        try:
            printed = b""
            async for _, data in execution.output():
                printed = (printed + data)[:LONGEST_OUTPUT]
            return await execution.wait(), printed.decode("utf-8", "replace")
        finally:
            await execution.kill()
