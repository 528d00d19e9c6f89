"""What a look may send: the one list that keeps a self-check from changing anything.

Every transport asks it before every request, retries and redirects included.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_PERMITTED_POSTS = (
    # Signing in, at Entra ID and at a registry.
    re.compile(r"/oauth2/v2\.0/token$"),
    re.compile(r"/oauth2/token$"),
    # The cluster user's credentials, kept in memory.
    re.compile(
        r"/providers/microsoft\.containerservice/managedclusters/[^/]+/listclusterusercredential$",
        re.IGNORECASE,
    ),
    # "May I?": asks, and stores nothing.
    re.compile(r"^/apis/authorization\.k8s\.io/v1/selfsubjectaccessreviews$"),
    # The live requests: a chat completion, and the app's own route, straight or through a proxy.
    re.compile(r"/openai/deployments/[^/]+/chat/completions$"),
    re.compile(r"^(/api/v1/namespaces/[^/]+/services/[^/]+/proxy)?(/ai)?/generate/description$"),
)
_ACTING_GETS = re.compile(r"^/api/v1/namespaces/[^/]+/pods/[^/]+/(exec|attach|portforward|proxy)\b")
"""Kubernetes opens a shell in a pod with a GET: not a look."""


_FARTHEST = timedelta(days=36500)
"""No clock is taken to be farther off than this: what is reckoned with it must stay within the calendar."""


class NotPermittedError(Exception):
    """A request that is more than a look was about to leave a client that may only look."""


def is_look(method: str, url: str) -> bool:
    """Return whether the request only looks, asks a question, or signs in."""
    path = urlsplit(url).path
    method = method.upper()
    if method in READING_METHODS:
        return not _ACTING_GETS.search(path)
    return method == "POST" and any(pattern.search(path) for pattern in _PERMITTED_POSTS)


class RequestGuard:
    """Where every request passes: it counts them, and stops those that would change something."""

    def __init__(self, *, read_only: bool) -> None:
        """Let only looks through, or everything."""
        self.read_only = read_only
        self.passed = 0
        """Requests let through so far."""
        self._ahead: dict[str, timedelta] = {}

    def enter(self, method: str, url: str) -> None:
        """Let the request through, and count it.

        Raises:
            NotPermittedError: it would change something, and this guard is for looking only.

        """
        if self.read_only and not is_look(method, url):
            raise NotPermittedError(f"A look may not send {method.upper()} {urlsplit(url).path}.")
        self.passed += 1

    def hear(self, url: str, date: str | None) -> None:
        """Compare this machine's clock with the `Date` of an answer that has just come."""
        try:
            told = parsedate_to_datetime(date or "")
        except (ValueError, TypeError):
            return
        if told.tzinfo is not None:
            # It is cut to whole seconds: half a second is what it lacks on average.
            ahead = datetime.now(UTC) - told - timedelta(seconds=0.5)
            self._ahead[urlsplit(url).netloc] = max(-_FARTHEST, min(ahead, _FARTHEST))

    def ahead_of(self, url: str) -> timedelta | None:
        """Return how far this machine's clock is ahead of a service's, by its last answer, if any."""
        return self._ahead.get(urlsplit(url).netloc)
