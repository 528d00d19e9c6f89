"""A drill's row in a list, and how many are solved: the same in the terminal and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.drills.drill import DIFFICULTIES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from workshop_tui.drills.drill import Drill
    from workshop_tui.drills.store import Running

_LEVEL_WIDTH = max(map(len, DIFFICULTIES.values()))


def row_of(
    drill: Drill, solved: Collection[str], running: Running | None = None, *, id_width: int = 0
) -> str:
    """Return sign (▶ runs, ✔ solved), id where there is width for it, difficulty and title.

    `solved` are the ids of the drills that were solved.
    """
    runs = running is not None and running.drill == drill.id
    sign = "▶" if runs else "✔" if drill.id in solved else " "
    name = f"{drill.id:{id_width}}  " if id_width else ""
    return f"{sign} {name}{DIFFICULTIES[drill.difficulty]:{_LEVEL_WIDTH}}  {drill.title}"


def count_of(drills: Sequence[Drill], solved: Collection[str]) -> str:
    """Return `3 of 60 solved`; what was solved and is no drill any more does not count."""
    return f"{sum(drill.id in solved for drill in drills)} of {len(drills)} solved"
