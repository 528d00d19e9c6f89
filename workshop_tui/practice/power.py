"""Whether a stopped cluster's machines are on, and a listener that is there only while they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from workshop_tui.practice.listeners import Listener, listen

if TYPE_CHECKING:
    import socket
    from collections.abc import Coroutine
    from typing import Any

    import uvicorn


class Power:
    """A switch that can be waited for, both ways."""

    def __init__(self, *, on: bool = True) -> None:
        self._on, self._off = asyncio.Event(), asyncio.Event()
        self.turn(on=on)

    @property
    def on(self) -> bool:
        """Whether it is on now."""
        return self._on.is_set()

    def turn(self, *, on: bool) -> None:
        """Turn it on or off; whoever waits for that goes on."""
        came, gone = (self._on, self._off) if on else (self._off, self._on)
        gone.clear()
        came.set()

    async def wait(self, *, on: bool) -> None:
        """Wait until it is on, or off."""
        await (self._on if on else self._off).wait()


class PoweredListener:
    """A server whose port is closed while the power is off: whoever connects is refused.

    A real cluster that is stopped loses its name in the DNS; a port of this machine can be closed at most.
    """

    def __init__(self, configuration: uvicorn.Config, power: Power) -> None:
        self._configuration = configuration
        self._power = power
        self._left = asyncio.Event()
        self.ready = asyncio.Event()

    def leave(self) -> None:
        """Let `serve` finish."""
        self._left.set()

    async def serve(self, sockets: list[socket.socket]) -> None:
        """Serve on the socket, and on others at its port later, until `leave` is called."""
        (opened,) = sockets
        port = opened.getsockname()[1]
        while not self._left.is_set():
            if self._power.on:
                await self._serve(listen(port) if opened.fileno() < 0 else opened)
            else:
                self.ready.set()
                await _first(self._left.wait(), self._power.wait(on=True))
            opened.close()

    async def _serve(self, opened: socket.socket) -> None:
        """Serve until the power goes, or `leave` is called; the socket is closed then."""
        listener = Listener(self._configuration)
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.serve(sockets=[opened]))
            await listener.ready.wait()
            self.ready.set()
            await _first(self._left.wait(), self._power.wait(on=False))
            listener.leave()


async def _first(*events: Coroutine[Any, Any, Any]) -> None:
    """Wait for the first of them."""
    tasks = [asyncio.ensure_future(each) for each in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
