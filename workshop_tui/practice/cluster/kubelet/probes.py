"""Probes: real requests to the container's loopback port, judged and worded as the kubelet does."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Clock

_SUCCESSES = range(200, 400)


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe of a container.

    Attributes:
        settings: the probe as admitted.
        container: the container it belongs to; its ports have the names a probe may use.
        ip: the pod's invented address, for the texts.
        address: leads a container port to this machine's.

    """

    settings: Object
    container: Object
    ip: str
    address: Callable[[int], tuple[str, int] | None]

    async def results(self, clock: Clock) -> AsyncIterator[str]:
        """Yield "" for a success, else the failure's text, each period, for ever. Periods are simulated."""
        await clock.sleep(float(self.settings.get("initialDelaySeconds") or 0))
        while True:
            yield await self.ask()
            await clock.sleep(float(self.settings.get("periodSeconds") or 10))

    async def verdicts(self, clock: Clock) -> AsyncIterator[tuple[bool | None, str]]:
        """Yield, for each result: True or False once a threshold is reached, else None; and the text."""
        successes = failures = 0
        async for text in self.results(clock):
            successes, failures = (0, failures + 1) if text else (successes + 1, 0)
            if successes >= int(self.settings.get("successThreshold") or 1):
                yield True, text
            elif failures >= int(self.settings.get("failureThreshold") or 3):
                yield False, text
            else:
                yield None, text

    async def ask(self) -> str:
        """Probe once; return "" or why it failed."""
        seconds = float(self.settings.get("timeoutSeconds") or 1)
        if "httpGet" in self.settings:
            return await self._http(self.settings["httpGet"], seconds)
        if "tcpSocket" in self.settings:
            return await self._tcp(self.settings["tcpSocket"], seconds)
        return ""  # exec and gRPC probes have nothing here to run in; the container counts as well

    async def _http(self, get: Object, seconds: float) -> str:
        port = self._port(get["port"])
        url = f"http://{self.ip}:{port}{get.get('path') or '/'}"
        place = self.address(port)
        if place is None:
            return self._refused(url, port)
        real = f"http://{place[0]}:{place[1]}{get.get('path') or '/'}"
        headers = {entry["name"]: entry["value"] for entry in get.get("httpHeaders") or []}
        headers = {"User-Agent": "kube-probe/1.32", **headers}
        try:
            # not wait_for: until Python 3.12 it swallows a cancel that comes with the result
            async with (
                asyncio.timeout(seconds),
                httpx.AsyncClient(timeout=seconds, trust_env=False) as client,
            ):
                answer = await client.get(real, headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            waiting = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            return f'Get "{url}": {waiting}'
        except httpx.ConnectError:
            return self._refused(url, port)
        except httpx.HTTPError:
            return f'Get "{url}": EOF'
        good = answer.status_code in _SUCCESSES
        return "" if good else f"HTTP probe failed with statuscode: {answer.status_code}"

    async def _tcp(self, socket: Object, seconds: float) -> str:
        port = self._port(socket["port"])
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

    def _port(self, port: int | str) -> int:
        if isinstance(port, int):
            return port
        named = {entry.get("name"): entry["containerPort"] for entry in self.container.get("ports") or []}
        return int(named.get(port, port if port.isdecimal() else 0))
