"""The lamps in a world that hangs, fails or answers late, as a test wants it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from desk_world import until

from workshop_tui.guide import Guide
from workshop_tui.model import Names, Requirements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lamp_world import Lamps
    from textual.pilot import Pilot

    from workshop_tui.session import Session


class HangingLamps:
    """The lamps, read by a resolver that waits from `hang` to `go_on`, and fails once `fault` is set."""

    def __init__(self, session: Session, lamps: Lamps) -> None:
        self.fault: Exception | None = None
        self.asked = 0
        self._goes = asyncio.Event()
        self._goes.set()
        self._lamps = lamps

        def services() -> Mapping[type, object]:
            kept = {kind: each for kind, each in lamps.services().items() if kind is not Requirements}
            return {**kept, Names: session.names}

        async def lit() -> Requirements:
            self.asked += 1
            await self._goes.wait()
            if self.fault is not None:
                raise self.fault
            return Requirements(dict(lamps.lit))

        guide = Guide(session.workshop, services, session.journal, {Requirements: lit})
        self.session = replace(session, guide=guide)

    def hang(self) -> None:
        self._goes.clear()

    def go_on(self) -> None:
        self._goes.set()

    async def is_asked(self, pilot: Pilot[int]) -> None:
        """Wait until somebody asks from now on."""
        before = self.asked
        await until(pilot, lambda: self.asked > before)
