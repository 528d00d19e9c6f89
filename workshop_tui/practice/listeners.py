"""The listeners: loopback sockets whose ports are remembered, and the servers that answer on them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import socket
from typing import TYPE_CHECKING

import uvicorn

from workshop_tui.practice.context import Addresses
from workshop_tui.practice.upgrades import UpgradingProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from workshop_tui.practice.store import Store

TLS_SERVICES = ("arm", "entra", "graph", "openai", "kubernetes", "issuer")
PLAIN_SERVICES = ("registry", "shop")
PORTS = range(20000, 32000)
"""Below the range outgoing connections take their ports from, so that a remembered port stays free."""
TRIES = 50
SHUTDOWN_SECONDS = 2
HEAD_SECONDS = 60.0
"""How long the head of a request may take; between requests, uvicorn closes sooner."""


class PortTakenError(RuntimeError):
    """A port this practice cloud was reached at before is used by another program now."""


class Listener(uvicorn.Server):
    """A uvicorn server that leaves signals to the process and tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._leaving = asyncio.Event()
        self._waiting: dict[UpgradingProtocol, tuple[object, float]] = {}

    def leave(self) -> None:
        """Let `serve` finish."""
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """Renew the Date header once a second; uvicorn's ten looks a second keep a laptop awake."""
        while not await self.on_tick(0):
            self._drop_slow()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._leaving.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: one process, one signal handler."""
        yield

    def _drop_slow(self) -> None:
        """Close connections whose client takes too long for the head of a request, or never begins one."""
        now = asyncio.get_running_loop().time()
        waiting: dict[UpgradingProtocol, tuple[object, float]] = {}
        for each in self.server_state.connections:
            if isinstance(each, UpgradingProtocol) and each.awaits_request:
                known, since = self._waiting.get(each, (each.cycle, now))
                since = since if known is each.cycle else now
                if now - since > HEAD_SECONDS:
                    each.transport.close()
                waiting[each] = each.cycle, since
        self._waiting = waiting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the requests being served; idle connections, whose clients may never answer, are cut."""
        self.force_exit = not self.server_state.tasks
        await super().shutdown(sockets)


def configuration(app: ASGIApp, certificate: Path, key: Path, *, tls: bool) -> uvicorn.Config:
    """Return how a service is served: no access log (the practice cloud keeps its own), HTTPS when `tls`."""
    return uvicorn.Config(
        app,
        http=UpgradingProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ssl_certfile=certificate if tls else None,
        ssl_keyfile=key if tls else None,
    )


def bind_sockets(store: Store) -> dict[str, socket.socket]:
    """Bind a loopback socket per service: at the remembered port, else at a free one that is remembered.

    Clients, kubeconfigs, federated credentials and the pods' settings carry these addresses, so a port that
    somebody else took meanwhile is an error with a way out, not a reason to move.

    Raises:
        PortTakenError: naming the port.

    """
    known = store.read("ports", "ports") or {}
    sockets: dict[str, socket.socket] = {}
    try:
        for name in (*TLS_SERVICES, *PLAIN_SERVICES):
            sockets[name] = _bind(known[name], name) if name in known else _bind_free()
    except BaseException:
        for each in sockets.values():
            each.close()
        raise
    store.write("ports", "ports", {name: each.getsockname()[1] for name, each in sockets.items()})
    return sockets


def _bind(port: int, name: str) -> socket.socket:
    try:
        return listen(port)
    except OSError as error:
        raise PortTakenError(
            f"port {port}, where this practice cloud's {name} service listens, is used by another program: "
            "stop that program, or begin anew with `workshop-tui practice reset`"
        ) from error


def _bind_free() -> socket.socket:
    for _ in range(TRIES):
        try:
            return listen(secrets.choice(PORTS))
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
    raise PortTakenError(f"no free port was found between {PORTS.start} and {PORTS.stop}")


def listen(port: int) -> socket.socket:
    """Bind to a loopback port and listen at once.

    A bound socket alone does not keep others from binding the same port.
    """
    created = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Small answers at once: asyncio's own loop turns Nagle's algorithm off for other sockets than these.
        created.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        created.bind(("127.0.0.1", port))
        created.listen(128)
        created.settimeout(0)
    except OSError:
        created.close()
        raise
    return created


def addresses_of(ports: dict[str, int]) -> Addresses:
    """Return the services' base URLs."""
    urls = {name: f"https://localhost:{ports[name]}" for name in TLS_SERVICES}
    return Addresses(
        **urls, registry=f"127.0.0.1:{ports['registry']}", shop=f"http://127.0.0.1:{ports['shop']}"
    )
