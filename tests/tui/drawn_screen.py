"""What a screen draws, line by line, and looking that nothing harmful is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk_world import until
from poison import HARMFUL

if TYPE_CHECKING:
    from textual.pilot import Pilot


def drawn(pilot: Pilot[int]) -> str:
    """Every line that goes to the terminal."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def harmless(pilot: Pilot[int], *, shows: str = "[") -> None:
    """Wait until the screen shows this, and look that it shows nothing harmful."""
    await until(pilot, lambda: shows in drawn(pilot))
    found = HARMFUL.findall(drawn(pilot))
    assert not found, found
