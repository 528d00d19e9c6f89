"""Drills: named misconfigurations put into a practice cloud, for the learner to find and mend.

A drill is one file, `catalogue/<id>.toml`; `docs/drills-format.md` says how to write one. `drill` reads and
validates them, `making` makes them and puts back what was there, `store` remembers what is under way.
"""

from workshop_tui.drills.catalogue import load_drill, load_drills
from workshop_tui.drills.drill import Drill, DrillError, DrillFileError, UnknownDrillError

__all__ = ["Drill", "DrillError", "DrillFileError", "UnknownDrillError", "load_drill", "load_drills"]
