"""docs/drills.md is of the very drills that there are, and tells nothing but good of them."""

from __future__ import annotations

from pathlib import Path

import drill_table

from workshop_tui.drills import load_drills

PAGE = Path(__file__).parents[2] / "docs" / "drills.md"


def test_every_drill_stands_in_the_table_and_is_proven() -> None:
    """One that is new or changed has to be proven first: scripts/drills ID."""
    rows = drill_table.rows(PAGE.read_text("utf-8"))
    drills = load_drills()
    assert [drill.id for drill in drills if not drill_table.is_good(drill, rows.get(drill.id, []))] == []
    assert list(rows) == [drill.id for drill in drills]
