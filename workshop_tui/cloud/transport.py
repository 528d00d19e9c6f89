"""The Azure SDK's transport, with the gate before it. Loads aiohttp: import it where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.core.pipeline.transport import AioHttpTransport

if TYPE_CHECKING:
    from workshop_tui.cloud.permitted import Gate


# The SDK loads this class by a module __getattr__, which hides its type.
class GatedTransport(AioHttpTransport):  # type: ignore[misc]
    """Asks the gate before each request that really leaves, retries included."""

    def __init__(self, gate: Gate, **options: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(**options)
        self._gate = gate

    async def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        """Ask, then send."""
        self._gate.enter(request.method, request.url)
        return await super().send(request, **options)
