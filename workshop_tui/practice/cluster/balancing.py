"""The cloud's load balancer: an address of this machine for each Service that asks for one.

Every such Service gets a loopback address of its own, chosen once and remembered, on which its own ports
(80, as a rule) are bound, so that what `kubectl get service` prints opens in a browser. Where that is not
allowed (ports below 1024, on most machines) or there is no second loopback address (macOS), the address is
127.0.0.1 with a high port that is remembered, too. Connections go on to a ready pod, byte by byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import random
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.ports import ServiceRouter
    from workshop_tui.practice.store import Store

Key = tuple[str, str]

_KIND = "load-balancer"
_FALLBACK = "127.0.0.1"
_HOSTS = range(2, 255)
_HIGH_PORTS = range(20000, 32000)
"""As for the practice cloud's own listeners: below what outgoing connections take."""
_TRIES = 40
_CONNECT_SECONDS = 5.0
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Frontend:
    """Where a Service answers on this machine; `ports` are the Service's and the real ones, in order."""

    ip: str
    ports: tuple[tuple[int, int], ...]
    sockets: tuple[socket.socket, ...] = ()
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_exact(self) -> bool:
        """Whether each port is the one the Service names."""
        return all(port == real for port, real in self.ports)


class Balancer:
    """Opens and closes frontends, and carries what comes in to the pods."""

    def __init__(self, store: Store, router: ServiceRouter) -> None:
        self._store = store
        self._router = router
        self._frontends: dict[Key, Frontend] = {}
        self._opened: asyncio.Queue[tuple[Key, Frontend]] = asyncio.Queue()

    async def run(self) -> None:
        """Serve every frontend until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    key, frontend = await self._opened.get()
                    for opened, (port, _) in zip(frontend.sockets, frontend.ports, strict=True):
                        group.create_task(self._serve(key, port, opened, frontend.closed))
        finally:
            for key in list(self._frontends):
                self.close(key)

    def open(self, key: Key, ports: Sequence[int]) -> Frontend | None:
        """Return the Service's frontend, opened if it is not; None when this machine has no place for it."""
        known = self._frontends.get(key)
        if known is not None and tuple(port for port, _ in known.ports) == tuple(ports):
            return known
        self.close(key)
        name = "/".join(key)
        remembered = self._store.read(_KIND, name) or {}
        frontend = _exact(remembered.get("ip", ""), ports) or _elsewhere(remembered.get("ports", {}), ports)
        if frontend is not None:
            self._frontends[key] = frontend
            reals = {str(port): real for port, real in frontend.ports}
            if (remembered.get("ip"), remembered.get("ports")) != (frontend.ip, reals):
                self._store.write(_KIND, name, {"ip": frontend.ip, "ports": reals})
            self._opened.put_nowait((key, frontend))
        return frontend

    def close(self, key: Key) -> None:
        """Close the Service's frontend, if there is one; its address stays remembered."""
        frontend = self._frontends.pop(key, None)
        if frontend is not None:
            frontend.closed.set()
            for each in frontend.sockets:
                each.close()

    async def _serve(self, key: Key, port: int, listening: socket.socket, closed: asyncio.Event) -> None:
        if closed.is_set():
            return
        carrying: set[asyncio.Task[None]] = set()

        def come_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._pass_on(key, port, reader, writer))
            carrying.add(task)
            task.add_done_callback(carrying.discard)

        server = await asyncio.start_server(come_in, sock=listening)
        try:
            await closed.wait()
        finally:
            server.close()
            for task in list(carrying):
                task.cancel()

    async def _pass_on(
        self, key: Key, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection; without a ready pod it is closed at once."""
        try:
            place = self._router.resolve(*key, port)
            if place is None:
                return
            async with asyncio.timeout(_CONNECT_SECONDS):
                inner_reader, inner_writer = await asyncio.open_connection(*place)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_carry(reader, inner_writer))
                    group.create_task(_carry(inner_reader, writer))
            finally:
                inner_writer.close()
        except (OSError, TimeoutError):
            return
        finally:
            writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side has no more to say; an end that breaks off is an end."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


def _exact(remembered: str, ports: Sequence[int]) -> Frontend | None:
    """Bind the Service's own ports on a loopback address of its own; None where that can't be."""
    order = random.sample(_HOSTS, _TRIES)
    chosen = [f"127.0.0.{number}" for number in order]
    for ip in [remembered, *chosen] if remembered not in ("", _FALLBACK) else chosen:
        try:
            sockets = _listen_all(ip, ports)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            return None
        return Frontend(ip, tuple((port, port) for port in ports), sockets)
    return None


def _elsewhere(remembered: dict[str, int], ports: Sequence[int]) -> Frontend | None:
    """Bind high ports on 127.0.0.1: the remembered ones, else free ones."""
    for attempt in range(_TRIES):
        free = random.sample(_HIGH_PORTS, len(ports))
        wanted = [remembered.get(str(port), other) for port, other in zip(ports, free, strict=True)]
        reals = wanted if attempt == 0 and min(wanted, default=0) in _HIGH_PORTS else free
        with contextlib.suppress(OSError):
            sockets = _listen_all(_FALLBACK, reals)
            return Frontend(_FALLBACK, tuple(zip(ports, reals, strict=True)), sockets)
    return None


def _listen_all(ip: str, ports: Sequence[int]) -> tuple[socket.socket, ...]:
    made: list[socket.socket] = []
    try:
        for port in ports:
            made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made[-1].bind((ip, port))
            made[-1].listen(128)
            made[-1].settimeout(0)
    except OSError:
        for each in made:
            each.close()
        raise
    return tuple(made)
