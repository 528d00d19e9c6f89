"""What a refused token exchange tells: what was presented, and whether that is of before."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_PRESENTED = re.compile(r"presented assertion (issuer|subject|audience) '([^']*)'")
_RANGE = re.compile(
    r"Current time: (\S+?), assertion valid from (\S+?), expiry time of assertion (\S+?)(?:[.,]?\s|$)"
)


def presented(text: str, what: str) -> str:
    """Return the issuer, subject or audience that Entra ID says was presented; nothing where it does not."""
    return next((value for kind, value in _PRESENTED.findall(text) if kind == what), "")


def out_of_time(text: str) -> str:
    """Return `early` or `late` where an assertion was refused for its time; nothing where it was not."""
    found = _RANGE.search(text)
    if found is None:
        return ""
    current, start, end = (_moment(item) for item in found.groups())
    if current is None or start is None or end is None:
        return ""
    return "early" if current < start else "late" if current > end else ""


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.rstrip(".")).replace(tzinfo=UTC)
    except ValueError:
        return None
