"""What a model deployment refuses of a good, authorized request: too many, and what its filter stops."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body

SHORTEST_WAIT = 1
VIOLENCE = re.compile(
    r"\b(how (do|can) (i|you|we) (kill|murder|stab)|how to (kill|murder|stab|build a bomb|make a bomb))\b",
    re.IGNORECASE,
)
"""What the practice model's filter takes for violence: a few plain requests, enough to see the refusal."""
CATEGORIES = ("hate", "self_harm", "sexual", "violence")


class CallRates:
    """How many requests a deployment has taken in its renewal period, which its capacity sets."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._begun: dict[str, tuple[float, int]] = {}

    def seconds_to_wait(self, deployment: Body) -> int:
        """Count a request; return 0, or in how many real seconds the deployment takes the next."""
        limit = next(each for each in deployment["properties"]["rateLimits"] if each["key"] == "request")
        period, most = limit["renewalPeriod"] / self._scale, int(limit["count"])
        now, key = time.monotonic(), deployment["id"].lower()
        begun, count = self._begun.get(key, (now, 0))
        if now - begun >= period:
            begun, count = now, 0
        if count >= most:
            wait: float = begun + period - now
            return max(SHORTEST_WAIT, math.ceil(wait))
        self._begun[key] = (begun, count + 1)
        return 0


def is_stopped(body: dict[str, Any]) -> bool:
    """Return whether the filter stops a prompt."""
    messages = body.get("messages")
    texts = [str(each.get("content")) for each in messages or [] if isinstance(each, dict)]
    return any(VIOLENCE.search(each) for each in texts)


def filter_result() -> dict[str, Any]:
    """Return what the filter found, by category."""
    safe = {each: {"filtered": False, "severity": "safe"} for each in CATEGORIES}
    return {**safe, "violence": {"filtered": True, "severity": "medium"}}
