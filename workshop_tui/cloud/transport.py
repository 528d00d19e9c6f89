"""The Azure SDK's transport, with the guard before it. Loads aiohttp: import it where it is used."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from workshop_tui.cloud.web import CONNECT_SECONDS, READ_SECONDS, is_loopback

if TYPE_CHECKING:
    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.target import Target


# The SDK loads this class by a module __getattr__, which hides its type.
class GuardedTransport(AioHttpTransport):  # type: ignore[misc] # azure-core gives it no type
    """Asks the guard before each request that really leaves, retries included."""

    def __init__(self, target: Target, guard: RequestGuard, url: str) -> None:
        """Take whose authorities to trust, the guard, and where requests will go."""
        environment = not is_loopback(url)
        super().__init__(
            connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, use_env_settings=environment
        )
        self._guard = guard
        self._environment = environment
        # The asynchronous transport does not read REQUESTS_CA_BUNDLE.
        self._authorities = target.ca_file
        self._opened = False

    async def open(self) -> None:
        """Open it. Told of authorities, the SDK makes TLS anew for each request, and keeps no connection."""
        if self._authorities is not None and not self._opened:
            self._opened = True
            self.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=self._authorities)),
                trust_env=self._environment,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        await super().open()

    async def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - handed on as they are
        """Ask, then send."""
        self._guard.enter(request.method, request.url)
        response = await super().send(request, **options)
        self._guard.hear(request.url, response.headers.get("Date"))
        return response
