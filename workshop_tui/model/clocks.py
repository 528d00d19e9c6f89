"""How this machine's clock agrees with those of the services that it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AzureClock:
    """How far this machine's clock is ahead of Azure's; None where Azure has told no time."""

    ahead: timedelta | None


@dataclass(frozen=True, slots=True)
class ClusterClock:
    """How far this machine's clock is ahead of the API server's; None where it has told no time."""

    ahead: timedelta | None
