"""The Azure SDK's transport, with the gate before it. Loads aiohttp: import it where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.core.pipeline.transport import AioHttpTransport

from workshop_tui.cloud.web import CONNECT_SECONDS, READ_SECONDS, is_loopback

if TYPE_CHECKING:
    from workshop_tui.cloud.permitted import Gate
    from workshop_tui.target import Target


# The SDK loads this class by a module __getattr__, which hides its type.
class GatedTransport(AioHttpTransport):  # type: ignore[misc]
    """Asks the gate before each request that really leaves, retries included."""

    def __init__(self, target: Target, gate: Gate, url: str) -> None:
        """Take whose authorities to trust, the gate, and where requests will go."""
        super().__init__(
            # The asynchronous transport does not read REQUESTS_CA_BUNDLE.
            connection_verify=True if target.ca_file is None else str(target.ca_file),
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            use_env_settings=not is_loopback(url),
        )
        self._gate = gate

    async def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - handed on as they are
        """Ask, then send."""
        self._gate.enter(request.method, request.url)
        response = await super().send(request, **options)
        self._gate.hear(request.url, response.headers.get("Date"))
        return response
