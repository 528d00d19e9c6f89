"""Requests the kubelet sends to containers, for probes and hooks, with the errors Go's clients give."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.cluster.ports import Object

_SUCCESSES = range(200, 400)


class PortNameError(ValueError):
    """A port's name that the container does not have, in Go's words."""


@dataclass(frozen=True, slots=True)
class PodNetwork:
    """How to reach one container of a pod.

    Attributes:
        container: its specification; its ports have names.
        ip: the pod's invented address, for the texts.
        address: leads a container port to this machine's.

    """

    container: Object
    ip: str
    address: Callable[[int], tuple[str, int] | None]

    def port(self, port: int | str) -> int:
        """Return the number of a port; PortNameError."""
        if isinstance(port, int):
            return port
        named = {entry.get("name"): entry["containerPort"] for entry in self.container.get("ports") or []}
        if port in named:
            return int(named[port])
        if port.isdecimal():
            return int(port)
        raise PortNameError(f'strconv.Atoi: parsing "{port}": invalid syntax')

    async def http(self, get: Object, seconds: float, agent: str = "kube-probe/1.32") -> str:
        """Send a GET; return "" for a good answer, else why it was none."""
        port = self.port(get["port"])
        scheme = str(get.get("scheme") or "HTTP").lower()
        path = get.get("path") or "/"
        url = f"{scheme}://{self.ip}:{port}{path}"
        place = self.address(port)
        if place is None:
            return self._refused(url, port)
        headers = {entry["name"]: entry["value"] for entry in get.get("httpHeaders") or []}
        headers = {"User-Agent": agent, **headers}
        try:
            # not wait_for: until Python 3.12 it swallows a cancel that comes with the result
            async with (
                asyncio.timeout(seconds),
                httpx.AsyncClient(
                    timeout=seconds,
                    trust_env=False,
                    verify=False,  # noqa: S501 - the kubelet does not verify either
                ) as client,
            ):
                answer = await client.get(f"{scheme}://{place[0]}:{place[1]}{path}", headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            waiting = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            return f'Get "{url}": {waiting}'
        except httpx.ConnectError:
            return self._refused(url, port)
        except httpx.HTTPError:
            return f'Get "{url}": EOF'
        good = answer.status_code in _SUCCESSES
        return "" if good else f"HTTP probe failed with statuscode: {answer.status_code}"

    async def tcp(self, wanted: int | str, seconds: float) -> str:
        """Open a connection; return "" or why there was none."""
        port = self.port(wanted)
        refused = f"dial tcp {self.ip}:{port}: connect: connection refused"
        place = self.address(port)
        if place is None:
            return refused
        try:
            async with asyncio.timeout(seconds):
                _, writer = await asyncio.open_connection(*place)
        except TimeoutError:
            return f"dial tcp {self.ip}:{port}: i/o timeout"
        except OSError:
            return refused
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return ""

    def _refused(self, url: str, port: int) -> str:
        return f'Get "{url}": dial tcp {self.ip}:{port}: connect: connection refused'
