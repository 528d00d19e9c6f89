"""How long a tag lives: the rules of ttl.sh, read in its source at 8577566."""

from __future__ import annotations

import re

DEFAULT_SECONDS = 24 * 3600.0
"""What a tag that names no lifetime gets, and what no tag may exceed."""

_TAG = re.compile(r"([0-9]+)([smhdw])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def tag_seconds(tag: str) -> float:
    """Return how many real seconds a manifest pushed under this tag lives."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return DEFAULT_SECONDS
    return min(float(int(match[1]) * _UNIT_SECONDS[match[2]]), DEFAULT_SECONDS)
