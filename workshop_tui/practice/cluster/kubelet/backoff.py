"""Waiting longer each time, as the kubelet does for pulls and for restarts."""

from __future__ import annotations

FIRST_SECONDS, LONGEST_SECONDS = 10.0, 300.0
"""Simulated seconds."""
SYNC_SECONDS = 10.0
"""Simulated seconds until the kubelet looks again at a pod whose container it could not create."""

SEEN_SECONDS = 1.0
"""Simulated seconds for which a reason is shown before the next takes its place."""


class Backoff:
    """Doubles from ten seconds to five minutes."""

    def __init__(self) -> None:
        self._next = FIRST_SECONDS

    def take(self) -> float:
        """Return the seconds to wait now, and double."""
        now, self._next = self._next, min(self._next * 2, LONGEST_SECONDS)
        return now

    def reset(self) -> None:
        """Begin anew."""
        self._next = FIRST_SECONDS


def duration_text(seconds: float) -> str:
    """Return a duration as Go prints it: `40s`, `1m20s`, `5m0s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
