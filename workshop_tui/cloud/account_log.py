"""The account's request log: who asked it, and with which kind of proof. Not every target keeps one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workshop_tui.cloud.errors import REFUSED, RefusedError, reading, refusal_of
from workshop_tui.cloud.roles import moment
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.web import open_client
from workshop_tui.model import AccountLog, AccountRequest

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.cloud.tokens import ManagementTokens
    from workshop_tui.target import Target


class AccountLogReader:
    """Reads the log that a target may keep."""

    def __init__(self, target: Target, tokens: ManagementTokens, guard: RequestGuard) -> None:
        """Take where it is kept, if anywhere, and who asks."""
        self._target = target
        self._tokens = tokens
        self._guard = guard

    @property
    def kept(self) -> bool:
        """Whether there is a log that can be asked."""
        return bool(self._target.account_log)

    async def read(self, *, since: datetime | None = None) -> AccountLog:
        """Return the requests the account has seen, newest last.

        Raises:
            ReadFailure: it could not be read.

        """
        address = self._target.account_log
        parts = urlsplit(address)
        with reading("the account's request log"):
            headers = {"Authorization": f"Bearer {await self._tokens.management_token()}"}
            query = {"service": "openai", **({"since": since.isoformat()} if since else {})}
            base = f"{parts.scheme}://{parts.netloc}"
            async with open_client(self._guard, base, self._target.tls(), headers=headers) as client:
                answer = await client.get(parts.path, params=query)
            if answer.status_code >= REFUSED:
                raise RefusedError(refusal_of(answer.status_code, answer.text))
            entries = answer.json().get("value", [])
        return AccountLog(tuple(item for entry in entries if (item := _request(entry)) is not None))


def _request(entry: dict[str, Any]) -> AccountRequest | None:
    at = moment(entry.get("time"))
    if at is None:
        return None
    caller = entry.get("caller") or {}
    return AccountRequest(
        time=at,
        status=int(entry.get("status", 0)),
        authentication=clean(caller.get("method", "none"), limit=20),
        object_id=clean(caller.get("object_id") or "", limit=40),
        user_agent=clean(entry.get("user_agent", ""), limit=200),
    )
