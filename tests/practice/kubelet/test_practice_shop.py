"""The store-admin site, alone and before a pod of the cluster."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from kubelet_world import World, is_ready, node_running, practice_in, push_app

from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback
from workshop_tui.practice.cluster.router import Router
from workshop_tui.practice.cluster.shop import create_shop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

AI_APP = """
import http.server, json
class App(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200); self.send_header("Content-Type", "application/json"); self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def do_GET(self): self.answer({"status": "ok"})
    def do_POST(self):
        product = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"description": product["name"] + " from " + WORD})
http.server.ThreadingHTTPServer(("0.0.0.0", 5001), App).serve_forever()
"""
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "ai-service", "namespace": "default"},
    "spec": {"selector": {"app": "ai"}, "ports": [{"name": "http", "port": 5001, "targetPort": 5001}]},
}
PRODUCT = {"name": "Rope", "tags": ["dog"]}


@dataclass
class Shop:
    world: World
    http: httpx.AsyncClient


@asynccontextmanager
async def shop_in(folder: Path) -> AsyncIterator[Shop]:
    with practice_in(folder) as practice:
        async with node_running(practice) as world:
            app = create_shop(practice, world.objects, Router(world.objects, world.kubelet))
            async with (
                serve_on_loopback(app) as port,
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
            ):
                yield Shop(world, client)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop_in(tmp_path) as made:
        yield made


async def test_description_comes_through_the_service_from_a_ready_pod(shop: Shop) -> None:
    answer = await shop.http.post("/ai/generate/description", json=PRODUCT)
    assert (answer.status_code, answer.json()) == (503, {"error": "no service ai-service"})
    shop.world.objects.create("services", SERVICE)
    assert (await shop.http.get("/ai/health")).status_code == 503
    image = await push_app(shop.world.registry, "the pod", app=AI_APP)
    probe = {"httpGet": {"path": "/health", "port": 5001}, "periodSeconds": 5}
    shop.world.create_pod(image, "ai", container={"readinessProbe": probe})
    await shop.world.until(is_ready, "ai")
    assert (await shop.http.get("/ai/health")).json() == {"status": "ok"}
    answer = await shop.http.post("/ai/generate/description", json=PRODUCT)
    assert answer.json() == {"description": "Rope from the pod"}


async def test_products_are_added_by_form_and_by_program_and_kept(tmp_path: Path) -> None:
    async with shop_in(tmp_path) as shop:
        form = {"name": "<b>Rope</b>", "tags": "dog, toy", "price": "5.5", "description": "Pulls & pulls."}
        saved = await shop.http.post("/product", data=form)
        assert (saved.status_code, saved.headers["location"]) == (303, "/products")
        page = (await shop.http.get("/products", headers={"Accept": "text/html"})).text
        assert "&lt;b&gt;Rope&lt;/b&gt;" in page
        assert "Pulls &amp; pulls." in page
        assert "simulated" in page.partition("<footer>")[2]
        added = await shop.http.post("/product", json={"name": "Ball", "price": 1, "tags": ["cat"]})
        assert added.status_code == 201
    async with shop_in(tmp_path) as shop:
        names = [product["name"] for product in (await shop.http.get("/products")).json()]
        assert names[-2:] == ["<b>Rope</b>", "Ball"]


@pytest.mark.parametrize("product", [{"name": ""}, {"name": "x", "price": "much"}, [1]])
async def test_bad_product_is_refused(shop: Shop, product: object) -> None:
    answer = await shop.http.post("/product", json=product)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_form_asks_the_ai_from_a_script_of_our_own(shop: Shop) -> None:
    page = await shop.http.get("/product/add")
    assert ">Ask AI<" in page.text
    assert page.headers["content-security-policy"] == "default-src 'self'"
    script = await shop.http.get("/site.js")
    assert "/ai/generate/description" in script.text
