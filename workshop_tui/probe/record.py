"""What is recorded while the learner's module runs, and the values by which our own secrets are known."""

from __future__ import annotations

import inspect
from dataclasses import asdict, dataclass, field
from typing import Any

TOKEN = "probe-token-5f0c1c86"  # noqa: S105 - made up, worth nothing
KEY = "probe-key-9a7e2d41"


@dataclass
class Service:
    """A chat service as it was made: `kind` is `azure` or `openai`; the rest as `model.ProbedService`."""

    kind: str
    sign_in: str = "none"
    as_token: bool = False
    deployment: str = ""
    endpoint: str = ""


@dataclass
class Record:
    """What one scenario did. One is current at any time; every recorder writes to that one."""

    services: list[Service] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    handlers: list[Any] = field(default_factory=list)
    """Route handlers, start-up handlers and lifespans, in the order they were registered."""
    error: str = ""

    def document(self) -> dict[str, Any]:
        """Return what goes back to the parent."""
        return {
            "error": self.error,
            "services": [asdict(service) for service in self.services],
            "credentials": self.credentials,
            "scopes": self.scopes,
        }


current = Record()


def begin() -> Record:
    """Start a new record and make it the current one."""
    fresh = Record()
    for name, value in vars(fresh).items():
        setattr(current, name, value)
    return current


class Provider:
    """What `get_bearer_token_provider` returns: each call gives the token."""

    def __init__(self, *, is_async: bool) -> None:
        self._is_async = is_async

    def __call__(self) -> Any:  # noqa: ANN401 - a string, or what can be awaited for one
        """Give the token, or what can be awaited for it."""
        return _later(TOKEN) if self._is_async else TOKEN


async def _later(value: str) -> str:
    return value


async def sort_of(value: object) -> str:
    """Return what a sign-in value is: `token`, `provider`, `key`, `none` or `other`."""
    if value is None or value == "":
        return "none"
    if isinstance(value, str):
        return {TOKEN: "token", KEY: "key"}.get(value, "other")
    if callable(value):
        try:
            given = value()
            if inspect.isawaitable(given):
                given = await given
        except Exception:  # noqa: BLE001 - the learner's own function may fail in any way
            return "other"
        return "provider" if given == TOKEN else "other"
    return "other"
