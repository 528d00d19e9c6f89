"""All drills: one file each in this folder."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from workshop_tui.drills.drill import Drill, UnknownDrillError, read_drill

FOLDER = Path(__file__).parent


def drill_ids() -> list[str]:
    """Return the ids of all drills without reading the files."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def load_drill(drill_id: str) -> Drill:
    """Read one drill.

    Raises:
        UnknownDrillError: there is none of that id.
        DrillFileError: its file is not as it must be.

    """
    known = drill_ids()
    if drill_id not in known:
        near = get_close_matches(drill_id, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`workshop-tui drill list` has them all."
        raise UnknownDrillError(f"There is no drill {drill_id}. {hint}")
    return read_drill(FOLDER / f"{drill_id}.toml")


def load_drills() -> list[Drill]:
    """Read all drills, the easy ones first.

    Raises:
        DrillFileError: a file is not as it must be.

    """
    drills = [read_drill(FOLDER / f"{drill_id}.toml") for drill_id in drill_ids()]
    return sorted(drills, key=lambda drill: (drill.difficulty, drill.id))
