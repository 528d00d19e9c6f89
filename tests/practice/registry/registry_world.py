"""A registry on a real loopback port, and hand-made images to push."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpx

from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback
from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.registry import create_registry
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@contextmanager
def practice_context(folder: Path, scale: float) -> Iterator[Practice]:
    """Yield a practice cloud's context without its other servers."""
    nowhere = "https://127.0.0.1:9"
    store = Store(folder / "store.sqlite")
    yield Practice(
        options=Options(folder, time_scale=scale),
        clock=Clock(scale),
        store=store,
        addresses=Addresses(
            arm=nowhere,
            entra=nowhere,
            graph=nowhere,
            openai=nowhere,
            kubernetes=nowhere,
            issuer=nowhere,
            registry="127.0.0.1:9",
            shop="http://127.0.0.1:9",
        ),
        names=Names("tenant", "subscription", "cluster"),
        ca_file=folder / "ca.pem",
    )
    store.close()


@asynccontextmanager
async def serving(practice: Practice) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the registry of this practice cloud; yield a client for it."""
    async with (
        serve_on_loopback(create_registry(practice)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client
