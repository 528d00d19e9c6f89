"""When the desk asks the model again by itself: each answer costs the learner's account."""

from __future__ import annotations

import time

FIRST_ASK_SECONDS = 8.0
"""How long after an answer the model is asked again; doubles while the answer is the same."""
LAST_ASK_SECONDS = 120.0
"""The longest pause."""
LAST_ASK_PENDING_SECONDS = 30.0
"""The longest pause while what is wrong is expected to come right by itself."""


class AskingPace:
    """Soon after anything has changed, ever more rarely while nothing does."""

    def __init__(self) -> None:
        """Begin: the next look may ask."""
        self.begin()

    def begin(self) -> None:
        """Let the next look ask: another step is open, or the learner has been at work."""
        self._pause = FIRST_ASK_SECONDS
        self._asked = self._due = float("-inf")

    def note_asked(self, *, changed: bool, pending: bool = False) -> None:
        """Note that the model has just answered, and whether anything was different from before."""
        longest = LAST_ASK_PENDING_SECONDS if pending else LAST_ASK_SECONDS
        first = self._asked == float("-inf")
        self._pause = FIRST_ASK_SECONDS if changed or first else min(self._pause * 2, longest)
        self._asked = time.monotonic()
        self._due = self._asked + self._pause

    def note_change(self) -> None:
        """Note that something changed in the world: the answer may be another by now."""
        self._pause = FIRST_ASK_SECONDS
        self._due = min(self._due, self._asked + FIRST_ASK_SECONDS)

    @property
    def seconds_left(self) -> float:
        """Seconds until it may ask again; 0 where it may now."""
        return max(0.0, self._due - time.monotonic())
