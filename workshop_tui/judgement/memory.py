"""Whether a container's memory limit is below what the app takes."""

from __future__ import annotations

import re

NEEDED = 60 * 2**20
"""Bytes that the app takes once it listens, a little less than was measured: 63 MiB."""
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_UNITS = {
    "m": 0.001,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}


def is_too_little(limit: str) -> bool:
    """Say whether the app cannot run with this limit, a quantity as Kubernetes writes it; none is enough."""
    found = _QUANTITY.fullmatch(limit)
    return found is not None and float(found[1]) * _UNITS.get(found[2], 1.0) < NEEDED
