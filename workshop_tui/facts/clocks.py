"""Facts of time: what the services' own clocks say, as their answers tell it."""

from __future__ import annotations

from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.facts.engine import resolver
from workshop_tui.model import Absent, AzureClock, ClusterAccess, ClusterClock, ResourceGroup, Unreadable


@resolver
async def azure_clock(
    guard: RequestGuard, arm: Arm, asked: ResourceGroup | Absent | Unreadable
) -> AzureClock:
    """Compare this machine's clock with Azure's: any answer tells the time, a refusal, too."""
    del asked  # so that something has been asked
    return AzureClock(guard.ahead_of(arm.address))


@resolver
async def cluster_clock(guard: RequestGuard, asked: ClusterAccess | Absent | Unreadable) -> ClusterClock:
    """Compare this machine's clock with the API server's."""
    return ClusterClock(guard.ahead_of(asked.server) if isinstance(asked, ClusterAccess) else None)
