"""Whether services answer at all, and whether this machine's clock agrees with theirs."""

from __future__ import annotations

import socket
import time
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from workshop_tui.cloud.errors import explain_connection
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.web import is_loopback, open_client
from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.model.machine import Reach

if TYPE_CHECKING:
    import ssl

_SECONDS = 3.0
_HTTPS_PORT = 443


async def read_reach(url: str, tls: ssl.SSLContext) -> Reach:
    """Send one HEAD, without a sign-in: any answer at all is an answer. Redirects are not followed."""
    shown = clean(url, limit=200)
    problem = await name_problem(url)
    if problem:
        return Reach(shown, problem=problem)
    try:
        async with open_client(RequestGuard(read_only=True), url, tls, read_seconds=_SECONDS) as client:
            before = time.time()
            answer = await client.head(url)
            after = time.time()
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reach(shown, problem=explain_connection(error))
    return Reach(shown, answer.status_code, ahead_seconds=_ahead(answer, before, after))


async def name_problem(url: str) -> str:
    """Return why the name of a service, or of the proxy before it, cannot be looked up; empty where it can.

    Looked up here first, in a thread of our own: HTTP clients do it in asyncio's pool, where a resolver that
    does not answer would hold up the end of the whole process.
    """
    host, port = _first_host(url)
    try:
        await in_daemon_thread(partial(socket.getaddrinfo, host, port), seconds=_SECONDS)
    except TimeoutError:
        return f"looking up the name {clean(host, limit=100)} takes too long"
    except (OSError, UnicodeError) as error:
        return explain_connection(error)
    return ""


def _first_host(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not is_loopback(url) and not proxy_bypass(host):
        proxies = getproxies()
        proxy = proxies.get(parts.scheme) or proxies.get("all")
        if proxy:
            parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or _HTTPS_PORT


def _ahead(answer: httpx.Response, before: float, after: float) -> float | None:
    """Compare the answer's Date, whole seconds, with the middle of our question and its answer."""
    try:
        told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
    return (before + after) / 2 - told - 0.5
