"""ARM's limits on how fast one caller may ask (token buckets, as documented): then a 429 says when to return.

A person or a test of the workshop comes nowhere near them; a loop without a pause does.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Refused

if TYPE_CHECKING:
    from workshop_tui.practice.access_tokens import Identity

BUCKETS = {"read": (250.0, 25.0), "write": (200.0, 10.0), "delete": (200.0, 10.0)}
"""Size, and requests per simulated second that flow back, per subscription and caller."""
WORDS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
SHORTEST_WAIT = 1.0


@dataclass(slots=True)
class _Bucket:
    left: float
    moment: float


class Throttle:
    """ARM's rate limits: a token bucket of every caller."""

    def __init__(self, subscription: str, scale: float) -> None:
        self._subscription = subscription
        self._scale = scale
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def admit(self, identity: Identity, method: str) -> None:
        """Take a request from its caller's bucket.

        Raises:
            Refused: 429 with Retry-After, in real seconds.

        """
        kind = WORDS.get(method, "write")
        size, refill = BUCKETS[kind][0], BUCKETS[kind][1] * self._scale
        now = time.monotonic()
        bucket = self._buckets.setdefault((identity.object_id, kind), _Bucket(size, now))
        bucket.left = min(size, bucket.left + (now - bucket.moment) * refill)
        bucket.moment = now
        if bucket.left < 1:
            wait = math.ceil(max(SHORTEST_WAIT, (1 - bucket.left) / refill))
            text = (
                f"Number of '{kind}' requests for subscription '{self._subscription}' actor "
                f"'{identity.object_id}' exceeded. Please try again after '{wait}' seconds."
            )
            refused = Refused(429, "SubscriptionRequestsThrottled", text)
            refused.answer.headers["Retry-After"] = str(wait)
            raise refused
        bucket.left -= 1
