"""A container's health while it runs: what its probes say, and what follows from it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.probes import Probe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from workshop_tui.practice.cluster.kubelet.requests import PodNetwork
    from workshop_tui.practice.cluster.kubelet.runtimes import Running
    from workshop_tui.practice.cluster.kubelet.statuses import ContainerState
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Clock


@dataclass(frozen=True, slots=True)
class ContainerHealth:
    """Follows the startup, readiness and liveness probes of one attempt; writes `started` and `ready`."""

    clock: Clock
    spec: Object
    network: PodNetwork
    current: Running
    state: ContainerState

    async def run(
        self,
        publish: Callable[[], None],
        warn: Callable[[str, str], None],
        kill: Callable[[str], Awaitable[None]],
    ) -> None:
        """Probe until cancelled; `kill` is called with the probe that gave the container up."""

        def tell(kind: str, text: str) -> None:
            if text:
                warn("Unhealthy", f"{kind} probe {text}")

        if "startupProbe" in self.spec and not await self._started_up(publish, tell, kill):
            return
        async with asyncio.TaskGroup() as group:
            if "readinessProbe" in self.spec:
                group.create_task(self._follow_readiness(publish, tell))
            if "livenessProbe" in self.spec:
                group.create_task(self._follow_liveness(tell, kill))

    def _probe(self, kind: str) -> Probe:
        return Probe(self.spec[f"{kind}Probe"], self.network, self.current)

    async def _started_up(
        self,
        publish: Callable[[], None],
        tell: Callable[[str, str], None],
        kill: Callable[[str], Awaitable[None]],
    ) -> bool:
        async for verdict, text in self._probe("startup").verdicts(self.clock):
            tell("Startup", text)
            if verdict is None:
                continue
            if verdict:
                self.state.started = True
                self.state.ready = "readinessProbe" not in self.spec
                publish()
            else:
                await kill("startup")
            return verdict
        return False

    async def _follow_readiness(self, publish: Callable[[], None], tell: Callable[[str, str], None]) -> None:
        async for verdict, text in self._probe("readiness").verdicts(self.clock):
            tell("Readiness", text)
            if verdict is not None and verdict != self.state.ready:
                self.state.ready = verdict
                publish()

    async def _follow_liveness(
        self, tell: Callable[[str, str], None], kill: Callable[[str], Awaitable[None]]
    ) -> None:
        async for verdict, text in self._probe("liveness").verdicts(self.clock):
            tell("Liveness", text)
            if verdict is False:
                await kill("liveness")
                return
