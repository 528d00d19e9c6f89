"""Lifecycle hooks: what a container wants done right after its start, and before its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.commands import run_to_end
from workshop_tui.practice.cluster.kubelet.executions import ExecutionError
from workshop_tui.practice.cluster.kubelet.requests import PodNetwork, PortNameError

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.kubelet.runtimes import Running
    from workshop_tui.practice.cluster.ports import Object

_FOREVER = 24 * 3600.0
"""Real seconds; a hook after the start has no time limit of its own."""


class HookError(Exception):
    """A hook that failed."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks of one attempt of a container."""

    network: PodNetwork
    current: Running

    async def after_start(self) -> None:
        """Run the postStart hook, if there is one; HookError."""
        await self._run(self._handler("postStart"), _FOREVER)

    async def before_stop(self, grace_seconds: float) -> float:
        """Run the preStop hook, if there is one, within the grace; return the real seconds left of it.

        Raises:
            HookError: it failed; the container is stopped all the same.

        """
        handler = self._handler("preStop")
        if not handler:
            return grace_seconds
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_seconds
        await self._run(handler, grace_seconds)
        return max(0.0, end - loop.time())

    def _handler(self, kind: str) -> Object:
        return (self.network.container.get("lifecycle") or {}).get(kind) or {}

    async def _run(self, handler: Object, seconds: float) -> None:
        try:
            if "exec" in handler:
                command = handler["exec"].get("command") or []
                code, printed = await run_to_end(self.current, command, seconds)
                if code:
                    raise HookError(f"command exited with {code}: {printed}")
            elif "httpGet" in handler:
                if why := await self.network.http(handler["httpGet"], seconds, "kube-lifecycle/1.32"):
                    raise HookError(why)
            elif "sleep" in handler:
                await asyncio.sleep(min(float(handler["sleep"]["seconds"]), seconds))
        except (TimeoutError, ExecutionError, PortNameError) as error:
            raise HookError(str(error) or type(error).__name__) from error
