"""Times as the learner reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_HOUR, _MINUTE = 3600, 60


def countdown(until: datetime, now: datetime) -> str:
    """Return how long it is until then, as `1:02:03` or `2:03`; `0:00` once it is over."""
    return duration((until - now).total_seconds())


def duration(seconds: float) -> str:
    """Return seconds as `1:02:03` or `2:03`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
