"""The store's public front: what is sold. It sells nothing; there is no order service to send an order to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from workshop_tui.practice.cluster.shop.pages import HEADERS, STYLE, front_page
from workshop_tui.practice.cluster.shop.products import Products

if TYPE_CHECKING:
    from starlette.requests import Request

    from workshop_tui.practice.store import Store


def create_front(store: Store) -> Starlette:
    """Return the site; it shows the products the store-admin site keeps in `store`."""
    products = Products(store)

    async def page(_request: Request) -> Response:
        return HTMLResponse(front_page(products.all()), headers=HEADERS)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "simulated": True})

    async def style(_request: Request) -> Response:
        return Response(STYLE, media_type="text/css", headers=HEADERS)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/health", health),
            Route("/site.css", style),
        ]
    )
