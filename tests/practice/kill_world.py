"""A practice cloud that is killed (-9) while many clients write to it, and what they know of it.

`Cell` is the whole idea: a stored thing is what its last answer said, or, where a request was under way when
the process died, what that request would have made of it. Nothing else may be found after the next start.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import ssl
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABSENT = None
ANYTHING = object()
"""What a request under way may have made of a thing whose new value the cloud chooses itself."""
START_SECONDS = 60.0


class KilledError(Exception):
    """The practice cloud died under a request: nobody knows whether it was done."""


@dataclass
class Cell:
    """One stored thing."""

    known: Any = ABSENT
    maybe: list[Any] = field(default_factory=list)

    @contextmanager
    def becoming(self, value: Any) -> Iterator[None]:
        """Change the thing: known once the block ends, possible when the cloud is killed in it."""
        self.maybe = [value]
        yield
        self.known, self.maybe = value, []

    def settle(self, found: Any, what: str) -> None:
        """Compare with what is found after a start, and go on from there."""
        allowed = [self.known, *self.maybe]
        assert found in allowed or ANYTHING in allowed, (
            f"{what} is {found!r}, answered was one of {allowed!r}"
        )
        self.known, self.maybe = found, []


class Cloud:
    """The process, the clients' common count of requests, and the moment it is killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)  # noqa: S311 - it chooses moments, no secrets
        self.answered: dict[str, Counter[str]] = defaultdict(Counter)
        self.lost: Counter[str] = Counter()
        self.requests = 0
        self._kill_at = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._document: dict[str, Any] = {}
        self._clients: list[httpx.AsyncClient] = []

    def __getitem__(self, name: str) -> Any:
        """Return an entry of endpoints.json."""
        return self._document[name]

    def spawn(self) -> int:
        """Start the process; return the end of a pipe on which it says `ready`."""
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "workshop_tui.practice", "--folder", str(self.folder)]
        command += ["--time-scale", "50", "--ready-fd", str(writing)]
        self._process = subprocess.Popen(command, pass_fds=[writing])
        os.close(writing)
        return reading

    async def start(self) -> None:
        """Start and wait until it answers; addresses and authority are what they were."""
        reading = self.spawn()
        async with asyncio.timeout(START_SECONDS):
            told = await asyncio.to_thread(os.read, reading, 4000)
        os.close(reading)
        assert told == b"ready", told
        document = json.loads((self.folder / "endpoints.json").read_text())
        authority = (self.folder / "ca.pem").read_text()
        lasting = {key: each for key, each in document.items() if key not in {"pid", "started"}}
        lasting["authority"] = authority
        assert not self._document or lasting.items() <= self._document.items(), "addresses and CA stay"
        self._document = {**document, **lasting}

    def kill(self) -> None:
        """Kill -9 and wait for the end."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    async def kill_during_start(self) -> None:
        """Start, and kill at some moment before or shortly after it is ready."""
        reading = self.spawn()
        await asyncio.sleep(self.random.uniform(0, 1))
        self.kill()
        os.close(reading)

    def kill_after(self, requests: int) -> None:
        """Kill it while that many requests later are under way."""
        self._kill_at = self.requests + requests

    async def stop(self) -> None:
        """Close the clients and stop the process in order."""
        await self.forget_clients()
        if self._process is not None:
            await asyncio.to_thread(client.stop, self.folder)
            self._process.wait()
            self._process = None

    def client(self) -> httpx.AsyncClient:
        """Return a client with connections of its own."""
        trust = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        made = httpx.AsyncClient(verify=trust, trust_env=False, timeout=30)
        self._clients.append(made)
        return made

    async def forget_clients(self) -> None:
        for each in self._clients:
            await each.aclose()
        self._clients.clear()

    async def send(
        self, http: httpx.AsyncClient, service: str, method: str, path: str, **how: Any
    ) -> httpx.Response:
        """Send one request, named in its user agent; KilledError when there is no answer."""
        self.requests += 1
        name = f"kill-test/{self.requests}"
        base = self[service] if service != "registry" else f"http://{self['registry']}"
        if self.requests == self._kill_at:
            asyncio.get_running_loop().call_later(self.random.uniform(0, 0.004), self._kill_now)
        try:
            url = path if path.startswith("http") else f"{base}{path}"
            headers = {"User-Agent": name, **how.pop("headers", {})}
            answer = await http.request(method, url, headers=headers, **how)
        except httpx.TransportError as error:
            self.lost[name] += 1
            raise KilledError from error
        self.answered[service][name] += 1
        return answer

    def _kill_now(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)

    def reap(self) -> None:
        """Collect the process that was killed under its clients."""
        assert self._process is not None
        assert self._process.wait(10) == -signal.SIGKILL
        self._process = None
