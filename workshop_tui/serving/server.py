"""A web server on the loopback address alone, for one person: it acts with its owner's credentials.

The address that is printed carries a token which opens once and is exchanged for a cookie; whoever comes
without it, from another page, or by another name of this machine, is refused.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import shlex
import sys
from dataclasses import dataclass, field
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiohttp.typedefs import Handler

COOKIE = "workshop-tui"
_NAMES = ("127.0.0.1", "localhost")


@dataclass
class BrowserAccess:
    """Who may come in. `port` is known once the server listens; `forwarded` are further host names."""

    port: int = 0
    forwarded: Sequence[str] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def take(self, token: str) -> str | None:
        """Return the cookie's value for the right token, once; None for any other."""
        if not self.token or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token = ""
        return self._session

    def knows(self, cookie: str) -> bool:
        """Return whether the cookie is the one that was handed out."""
        return hmac.compare_digest(cookie.encode(), self._session.encode())

    def is_ours(self, host: str) -> bool:
        """Return whether a `Host` header names us: else another site was pointed at this machine."""
        return host in {f"{name}:{self.port}" for name in _NAMES} | set(self.forwarded)


def forwarded_hosts(port: int) -> tuple[str, ...]:
    """Return the name under which Codespaces forwards the port, if this is a codespace."""
    name, domain = (
        os.environ.get("CODESPACE_NAME"),
        os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev"),
    )
    return (f"{name}-{port}.{domain}",) if name else ()


class BrowserServer(Server):
    """textual-serve that lets in only who has access, and with a page that loads nothing from elsewhere."""

    def __init__(self, words: Sequence[str], title: str, access: BrowserAccess) -> None:
        """Take the command that runs the TUI, and who may come in."""
        super().__init__(shlex.join(words), host=_NAMES[0], title=title)
        self.access = access

    async def application(self) -> web.Application:
        """Return the web application."""
        app = await self._make_app()
        app.middlewares.append(self._guard)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command line tells the address."""

    async def handle_index(self, request: web.Request) -> web.Response:
        """Return the page with the terminal."""
        secure = request.headers.get("X-Forwarded-Proto") == "https"
        page = Template(files(__package__).joinpath("page.html").read_text("utf-8")).substitute(
            title=self.title, websocket=f"{'wss' if secure else 'ws'}://{request.host}/ws"
        )
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        access = self.access
        origin = request.headers.get("Origin")
        if not access.is_ours(request.host) or (origin and not access.is_ours(urlsplit(origin).netloc)):
            raise web.HTTPForbidden(text="Open the address that workshop-tui serve printed.\n")
        if "token" in request.query:
            cookie = access.take(request.query["token"])
            if cookie is not None:
                answer = web.HTTPSeeOther("/")
                answer.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", path="/")
                raise answer
        if not access.knows(request.cookies.get(COOKIE, "")):
            raise web.HTTPForbidden(
                text="This address opens once, in one browser. Stop workshop-tui serve and start it again.\n"
            )
        return await handler(request)


async def serve(
    arguments: Sequence[str],
    *,
    title: str,
    port: int,
    tell: Callable[[str], None],
    access: BrowserAccess | None = None,
) -> None:
    """Serve `workshop-tui run` with these arguments until cancelled; `tell` gets the address to open.

    Raises:
        OSError: the port is taken.

    """
    access = access or BrowserAccess()
    words = (sys.executable, "-m", "workshop_tui", "run", *arguments)
    runner = web.AppRunner(await BrowserServer(words, title, access).application(), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _NAMES[0], port, shutdown_timeout=1.0)
        await site.start()
        access.port = runner.addresses[0][1]
        access.forwarded = forwarded_hosts(access.port)
        base = f"https://{access.forwarded[0]}" if access.forwarded else f"http://{_NAMES[0]}:{access.port}"
        tell(f"{base}/?token={access.token}")
        await asyncio.get_running_loop().create_future()
    finally:
        await runner.cleanup()
