"""The shop's public address: what a load balancer is to a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from workshop_tui.practice.cluster.ports import ServiceRouter

_NAMESPACE, _SERVICE, _PORT = "default", "store-admin", 80


class Entrance:
    """Lets visitors in while a ready pod stands behind the Service; the pods' own probes always."""

    def __init__(self, app: ASGIApp, router: ServiceRouter) -> None:
        """Take the site and the cluster's network."""
        self._app = app
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visitor = scope["type"] == "http" and scope["path"] != "/health"
        if visitor and self._router.resolve(_NAMESPACE, _SERVICE, _PORT) is None:
            problem = f"no ready pod behind service {_SERVICE}"
            await JSONResponse({"error": problem}, status_code=503)(scope, receive, send)
            return
        await self._app(scope, receive, send)
