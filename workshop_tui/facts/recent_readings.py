"""Azure's own things as they were read a moment ago, for passes that a change in the cluster sets off.

Such passes may come every two seconds while pods start; each would read the same from Azure again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from workshop_tui.model import ManagedCluster, ModelDeployment, OpenAIAccount, ResourceGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.facts.engine import Facts

KINDS: tuple[type, ...] = (ResourceGroup, OpenAIAccount, ModelDeployment, ManagedCluster)
"""What stands in Azure alone; an identity does not: which one it is the cluster's ServiceAccount says."""
KEPT_SECONDS = 10.0
"""How old it may be: no older than what a look now and then would show."""


class RecentReadings:
    """Keeps what a pass has found there; what is missing or could not be read is always read anew."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: dict[type, tuple[float, object]] = {}

    def take(self, facts: Facts, began: float) -> None:
        """Keep what this pass has read itself; `began` is when, by the monotonic clock."""
        for kind in KINDS:
            reading = facts.already_read(kind)
            if isinstance(reading, kind):
                self._kept[kind] = (began, reading)
            elif reading is not None:
                self._kept.pop(kind, None)

    def still_good(self) -> Mapping[type, object]:
        """Return what is young enough."""
        oldest = time.monotonic() - KEPT_SECONDS
        return {kind: reading for kind, (began, reading) in self._kept.items() if began >= oldest}

    def forget(self) -> None:
        """Drop it all: something is about to change it, or has."""
        self._kept.clear()
