"""docs/drills.md is of the very drills that there are, and tells nothing but good of them."""

from __future__ import annotations

from pathlib import Path

import drill_table

from workshop_tui.drills import load_drills
from workshop_tui.findings import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "drills.md"


def test_every_drill_stands_in_the_table_and_is_proven() -> None:
    """A drill that is new or changed needs `scripts/drills` to be run."""
    rows = drill_table.rows(PAGE.read_text("utf-8"))
    drills = load_drills()
    assert list(rows) == [drill.id for drill in drills]
    for drill in drills:
        verdict, roots, causes, remedies, *_, restored, _ = rows[drill.id]
        assert verdict == (Verdict.FAILED if drill.causes else Verdict.PASSED), drill.id
        assert (roots, causes) == (", ".join(drill.causes), drill_table.RIGHT), drill.id
        assert remedies == (drill_table.MENDED if drill.causes else drill_table.HARMLESS), drill.id
        assert restored == drill_table.RESTORED, drill.id
