"""The request log: who asked which service for what, and with which kind of proof.

Paths are kept without their queries and no header is kept but the user agent, so no secret gets in. The log
is bounded per service and survives a restart.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.store import StoreUnusableError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from workshop_tui.practice.context import Clock
    from workshop_tui.practice.store import Store

KIND = "audit"
KEPT = 2000
"""Entries kept per service."""
LONGEST_PATH = 400
LONGEST_AGENT = 200

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """How a request was authenticated: `method` is "token", "key", "secret", "assertion" or "none"."""

    method: str
    object_id: str | None = None
    client_id: str | None = None


NOBODY = Caller("none")


def note_caller(scope: Scope, caller: Caller) -> None:
    """Tell the log of this request who was recognised; the last word counts."""
    scope.setdefault("state", {})["practice_caller"] = caller


class Audit:
    """The log of all requests that the practice cloud answered."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read what an earlier run left."""
        self._store = store
        self._clock = clock
        self._sequence = 0
        self._keys: dict[str, deque[str]] = defaultdict(deque)
        for key, entry in store.scan(KIND):
            self._keys[entry["service"]].append(key)
            self._sequence = max(self._sequence, int(key))

    def record(self, scope: Scope, service: str, status: int, started: str) -> None:
        """Keep one answered request."""
        caller: Caller = scope.get("state", {}).get("practice_caller", NOBODY)
        self._sequence += 1
        key = f"{self._sequence:012d}"
        agent = dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")[:LONGEST_AGENT]
        entry: dict[str, Any] = {
            "id": self._sequence,
            "service": service,
            "time": started,
            "method": scope.get("method", "GET"),
            "path": scope["path"][:LONGEST_PATH],
            "status": status,
            "caller": asdict(caller),
            "user_agent": agent,
        }
        if _is_telling(entry["method"], status):
            who = caller.client_id or caller.object_id or "somebody"
            proof = f", {caller.method} of {who}" if caller.method != NOBODY.method else ""
            path = entry["path"].encode("unicode_escape").decode()  # one line, whatever stands in it
            logger.info("%s %s %s: %d%s", service, entry["method"], path, status, proof)
        kept = self._keys[service]
        try:
            with self._store.transaction():
                self._store.write(KIND, key, entry)
                if len(kept) >= KEPT:
                    self._store.remove(KIND, kept[0])
        except StoreUnusableError as error:  # what only reads need not fail for it
            logger.warning("a request is missing from the log: %s", error)
            return
        if len(kept) >= KEPT:
            kept.popleft()
        kept.append(key)

    def entries(self, *, since: str = "", after: int = 0, service: str | None = None) -> list[dict[str, Any]]:
        """Return entries in order: begun at or after `since` (ISO, UTC), with an id above `after`."""
        return [
            entry
            for _, entry in self._store.scan(KIND)
            if entry["id"] > after and entry["time"] >= since and service in {None, entry["service"]}
        ]

    def now(self) -> str:
        """Return the time as entries carry it."""
        return self._clock.now().isoformat(timespec="microseconds")


def _is_telling(method: str, status: int) -> bool:
    """Return whether people want to read of a request: one that changes things, or was refused.

    What is only looked for and not there is asked for all the time, by checks that watch.
    """
    reads = method in {"GET", "HEAD"}
    return not reads or (status >= HTTPStatus.BAD_REQUEST and status != HTTPStatus.NOT_FOUND)


class Audited:
    """ASGI middleware: every request of `service` ends up in the log, unless its path is in `quiet`.

    It is in the log when its answer begins, so that what a client was answered is there whatever happens
    next, and a watch is seen while it lasts.
    """

    def __init__(self, app: ASGIApp, audit: Audit, service: str, quiet: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.audit = audit
        self.service = service
        self.quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; record when the answer begins, or when there was none."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in self.quiet:
            await self.app(scope, receive, send)
            return
        started = self.audit.now()
        recorded = False

        def record(status: int) -> None:
            nonlocal recorded
            if not recorded:
                recorded = True
                self.audit.record(scope, self.service, status, started)

        async def watch(message: Message) -> None:
            match message["type"]:
                case "http.response.start":
                    record(message["status"])
                case "websocket.accept":
                    record(HTTPStatus.SWITCHING_PROTOCOLS)
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            record(HTTPStatus.INTERNAL_SERVER_ERROR if scope["type"] == "http" else HTTPStatus.FORBIDDEN)
