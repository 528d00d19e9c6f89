"""The catalogue of causes: every reason a finding can give, with its way out.

Codes are `area.problem`, public once released, and never renamed. One file an area.
"""

from __future__ import annotations

from workshop_tui.causes import azure, cluster, code, identity, image, live, reading, workstation
from workshop_tui.causes.cause import Cause

CATALOGUE: dict[str, Cause] = {
    cause.code: cause
    for area in (reading, azure, workstation, code, image, identity, cluster, live)
    for cause in area.CAUSES
}

__all__ = ["CATALOGUE", "Cause"]
