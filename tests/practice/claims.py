"""What the table of proofs claims of a test, held against the practice cloud's own request log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from practice_world import SignedIn
from proofs import Client
from proofs_routes import ROUTES
from routes_in_code import route_of, routes_in_code

if TYPE_CHECKING:
    import httpx

    from workshop_tui.practice.client import Endpoints

OURS = ("python-httpx/",)
"""Agents of the tests themselves; they prove nothing."""
REFUSALS_ONLY = frozenset({"registry GET /v2/_catalog"})
"""Routes that answer with a refusal, whoever asks."""


def claimed_by(test: str) -> frozenset[str]:
    """Return the routes that a test is to prove."""
    rows = [row for row in ROUTES if isinstance(row.proof, Client) and row.proof.test == test]
    if not rows:
        return frozenset()
    return frozenset(route for route in routes_in_code() if any(row.covers(route) for row in rows))


class Log:
    """The request log from a moment on."""

    def __init__(self, cloud: Endpoints, http: httpx.Client) -> None:
        """Note where the log ends now."""
        self._learner = SignedIn(cloud, http)
        self._after = max((each["id"] for each in self._entries(0)), default=0)

    def _entries(self, after: int) -> list[dict[str, Any]]:
        learner = self._learner
        answer = learner.http.get(
            f"{learner.cloud.arm}/practice/audit",
            params={"after": after},
            headers={"Authorization": f"Bearer {learner.token()}"},
        )
        entries: list[dict[str, Any]] = answer.raise_for_status().json()["value"]
        return entries

    def reached(self) -> set[str]:
        """Return the routes that real clients have reached since, and not been refused."""
        found = set()
        for entry in self._entries(self._after):
            route = route_of(entry["service"], entry["method"], entry["path"])
            passed_on = route is not None and route.endswith("/proxy")
            if route is None or entry["user_agent"].startswith(OURS):
                continue
            told = entry["status"] < 400 or route in REFUSALS_ONLY
            if told or (passed_on and entry["status"] < 500):
                found.add(route)
        return found


def missing(claimed: frozenset[str], reached: set[str]) -> list[str]:
    """Return what was claimed and not reached. A watch is asked for like the list it follows."""
    return sorted(each for each in claimed if each.replace(" watch ", " list ") not in reached)
