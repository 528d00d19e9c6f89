"""An ASGI application on a loopback port, without a server's ticking main loop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_CLOSING_SECONDS = 2.0


@asynccontextmanager
async def serve_on_loopback(app: Any, port: int = 0) -> AsyncIterator[int]:  # noqa: ANN401 - any ASGI application
    """Serve `app` over HTTP on 127.0.0.1 (port 0: a free one) while the context lasts; yield the port.

    uvicorn's own Server wakes ten times a second for signals and the Date header; a dozen idle pods
    would keep a laptop awake. Its protocol class alone is event driven. There is no lifespan event.

    Raises:
        OSError: the port is taken.

    """
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="off", access_log=False, log_config=None
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()

    def new_connection() -> asyncio.Protocol:
        return config.http_protocol_class(config=config, server_state=state, app_state={})  # type: ignore[call-arg] # uvicorn types it by what all protocols share

    server = await loop.create_server(new_connection, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            _, late = await asyncio.wait(state.tasks, timeout=_CLOSING_SECONDS)
            for task in late:
                task.cancel()
