"""The catalogue of causes: every reason a finding can give, with its way out.

It is one file, `catalogue.toml`. Codes are `area.problem`, public once released, and never renamed.
"""

from __future__ import annotations

from workshop_tui.causes.catalogue import Catalogue
from workshop_tui.causes.cause import Cause

CATALOGUE = Catalogue()

__all__ = ["CATALOGUE", "Cause"]
