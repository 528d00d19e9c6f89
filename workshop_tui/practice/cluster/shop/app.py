"""The store-admin site: products, and the way to the ai-service through the cluster's network."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from workshop_tui.practice.cluster.shop.pages import HEADERS, SCRIPT, STYLE, add_page, products_page
from workshop_tui.practice.cluster.shop.products import InvalidProductError, Products

if TYPE_CHECKING:
    from starlette.requests import Request

    from workshop_tui.practice.cluster.ports import ObjectStore, ServiceRouter
    from workshop_tui.practice.context import Practice

_NAMESPACE, _SERVICE, _PORT = "default", "ai-service", 5001
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_LARGEST_BODY = 100_000


def create_shop(practice: Practice, objects: ObjectStore, router: ServiceRouter) -> Starlette:
    """Return the site. It keeps its products in the practice store and forgets nothing."""
    site = _Site(Products(practice.store), objects, router)
    return Starlette(
        routes=[
            Route("/", site.products),
            Route("/products", site.products),
            Route("/product/add", site.form),
            Route("/product", site.add, methods=["POST"]),
            Route("/health", site.health),
            Route("/ai/health", site.ai_health),
            Route("/ai/generate/description", site.ai_description, methods=["POST"]),
            Route("/site.css", site.style),
            Route("/site.js", site.script),
        ]
    )


class _Site:
    def __init__(self, products: Products, objects: ObjectStore, router: ServiceRouter) -> None:
        self._products = products
        self._objects = objects
        self._router = router

    async def products(self, request: Request) -> Response:
        """List the products, as a page for browsers and as JSON for programs."""
        found = self._products.all()
        if "text/html" in request.headers.get("accept", "") or request.url.path == "/":
            return HTMLResponse(products_page(found), headers=HEADERS)
        return JSONResponse([asdict(product) for product in found])

    async def form(self, _request: Request) -> Response:
        """Show the form for a new product."""
        return HTMLResponse(add_page(), headers=HEADERS)

    async def add(self, request: Request) -> Response:
        """Add a product, sent as JSON or by the form."""
        body = await _body(request)
        from_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        try:
            sent = dict(parse_qsl(body.decode())) if from_form else json.loads(body)
            if not isinstance(sent, dict):
                raise InvalidProductError("a product is a JSON object")
            product = self._products.add(sent)
        except ValueError as error:
            if from_form:
                return HTMLResponse(add_page(str(error)), status_code=400, headers=HEADERS)
            return JSONResponse({"error": str(error)}, status_code=400)
        if from_form:
            return RedirectResponse("/products", status_code=303)
        return JSONResponse(asdict(product), status_code=201)

    async def health(self, _request: Request) -> Response:
        """Answer the pod's probes."""
        return JSONResponse({"status": "ok", "simulated": True})

    async def ai_health(self, _request: Request) -> Response:
        """Pass on the ai-service's health."""
        return await self._forward("GET", "/health", b"")

    async def ai_description(self, request: Request) -> Response:
        """Pass a product on to the ai-service, and its answer back."""
        return await self._forward("POST", "/generate/description", await _body(request))

    async def style(self, _request: Request) -> Response:
        """Serve the style sheet."""
        return Response(STYLE, media_type="text/css", headers=HEADERS)

    async def script(self, _request: Request) -> Response:
        """Serve the form's script."""
        return Response(SCRIPT, media_type="text/javascript", headers=HEADERS)

    async def _forward(self, method: str, path: str, body: bytes) -> Response:
        place = self._router.resolve(_NAMESPACE, _SERVICE, _PORT)
        if place is None:
            known = self._objects.find("services", _NAMESPACE, _SERVICE) is not None
            problem = f"no ready pod behind service {_SERVICE}" if known else f"no service {_SERVICE}"
            return JSONResponse({"error": problem}, status_code=503)
        url = f"http://{place[0]}:{place[1]}{path}"
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
                answer = await client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError as error:
            problem = f"{_SERVICE} did not answer: {error or type(error).__name__}"
            return JSONResponse({"error": problem}, status_code=502)
        kind = answer.headers.get("content-type", "text/plain")
        return Response(answer.content, status_code=answer.status_code, headers={"Content-Type": kind})


async def _body(request: Request) -> bytes:
    body = b""
    async for data in request.stream():
        body += data
        if len(body) > _LARGEST_BODY:
            return b""
    return body
