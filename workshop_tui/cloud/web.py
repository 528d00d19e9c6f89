"""HTTP clients: the guard before every request, limits on every wait, trust given explicitly."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from workshop_tui import __version__

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from workshop_tui.cloud.permitted import RequestGuard

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
USER_AGENT = f"workshop-tui/{__version__}"


def is_loopback(url: str) -> bool:
    """Return whether the address is this machine: proxies from the environment must not get between."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_client(
    guard: RequestGuard,
    base_url: str,
    tls: ssl.SSLContext,
    *,
    read_seconds: float = READ_SECONDS,
    headers: Mapping[str, str] | None = None,
    proxy: str | None = None,
) -> httpx.AsyncClient:
    """Return a client for one service. Redirects are not followed: none of these services needs one."""

    async def ask_the_gate(request: httpx.Request) -> None:
        guard.enter(request.method, str(request.url))

    async def tell_the_time(response: httpx.Response) -> None:
        guard.hear(str(response.request.url), response.headers.get("Date"))

    return httpx.AsyncClient(
        base_url=base_url,
        verify=tls,
        trust_env=not is_loopback(base_url),
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        event_hooks={"request": [ask_the_gate], "response": [tell_the_time]},
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        proxy=proxy,
    )
