"""Whether services answer at all, and whether this machine's clock agrees with theirs."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx

from workshop_tui.cloud.errors import explain_connection
from workshop_tui.cloud.permitted import Gate
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.web import open_client
from workshop_tui.model.machine import Reach

if TYPE_CHECKING:
    import ssl

_SECONDS = 3.5


async def read_reach(url: str, tls: ssl.SSLContext) -> Reach:
    """Send one HEAD, without a sign-in: any answer at all is an answer. Redirects are not followed."""
    shown = clean(url, limit=200)
    try:
        async with open_client(Gate(read_only=True), url, tls, read_seconds=_SECONDS) as client:
            before = time.time()
            answer = await client.head(url)
            after = time.time()
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reach(shown, problem=explain_connection(error))
    return Reach(shown, answer.status_code, ahead_seconds=_ahead(answer, before, after))


def _ahead(answer: httpx.Response, before: float, after: float) -> float | None:
    """Compare the answer's Date, whole seconds, with the middle of our question and its answer."""
    try:
        told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
    return (before + after) / 2 - told - 0.5
