"""The doctor: what this machine has and lacks for each way to do the workshop, each lack with its remedy.

Readings come from `cloud/machine/`; what is here judges them, shows them, and packs the help bundle.
Importing this loads nothing heavy.
"""

from workshop_tui.doctor.bundle import make_bundle
from workshop_tui.doctor.diagnosis import Diagnosis, Mode, Need, State, counts, summary
from workshop_tui.doctor.examine import diagnose

__all__ = ["Diagnosis", "Mode", "Need", "State", "counts", "diagnose", "make_bundle", "summary"]
