"""How quick and how modest the practice cloud is: what `scripts/benchmark` prints of it.

The load comes from this process, over TLS as real clients send it; the practice cloud is one of its own.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx
import yaml

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PODS, EVENTS = 200, 1000
RUNS, WATCHED = 15, 40
CONNECTIONS, REQUESTS = 4, 1000
IDLE_SECONDS = 10.0
CORE = "/api/v1/namespaces/measured"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: seconds, but for requests a second, a share of one core, and megabytes.

    What is `busy` is the practice cloud's own processor time, for both tables and for a small request: what
    the clients and the rest of the machine take is not in it.
    """

    table: float
    table_busy: float
    watch: float
    requests: float
    busy: float
    idle: float
    memory: float

    def lines(self) -> list[str]:
        """Return what is printed, with what was aimed at."""
        return [
            f"{PODS} pods, {EVENTS} events, tables  {self.table * 1000:6.1f} ms  (aim 50 ms)",
            f"  both keep it busy for       {self.table_busy * 1000:6.1f} ms",
            f"a change reaches its watcher  {self.watch * 1000:6.1f} ms  (aim 20 ms)",
            f"small requests to the cluster {self.requests:6.0f} /s  (aim 1,000)",
            f"  each keeps it busy for      {self.busy * 1000:6.2f} ms",
            f"idle                          {self.idle:6.2%}     of one core (aim 0.5 %)",
            f"memory without further pods   {self.memory:6.1f} MB  (aim 150 MB)",
        ]


@dataclass(slots=True)
class Connection:
    """One keep-alive connection to the cluster; as little work as possible on this side."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str

    async def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", accept: str = "*/*"
    ) -> bytes:
        """Send a request and return the answer's body."""
        length = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\n{self.head}Accept: {accept}\r\n{length}\r\n"
        self.writer.write(head.encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if answer[9:10] != b"2":
            raise RuntimeError(f"{method} {path}: {answer.decode()}")
        size = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return await self.reader.readexactly(size)

    async def watch(self, path: str) -> None:
        """Begin a watch; its lines come with `readuntil`."""
        self.writer.write(f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode())
        await self.reader.readuntil(b"\r\n\r\n")


class Measurement:
    """A running practice cloud, and the learner's way into its cluster."""

    def __init__(self, endpoints: client.Endpoints) -> None:
        self._endpoints = endpoints
        self._trust = ssl.create_default_context(cafile=str(endpoints.ca_file))
        self._token = self._sign_in()

    def _sign_in(self) -> str:
        at, sign_in = self._endpoints, self._endpoints["sign_in"]
        group = f"/subscriptions/{at['subscription_id']}/resourceGroups/{at['resource_group']}"
        cluster = f"{group}/providers/Microsoft.ContainerService/managedClusters/{at['cluster_name']}"
        form = {
            "grant_type": "client_credentials",
            "client_id": sign_in["client_id"],
            "client_secret": sign_in["client_secret"],
            "scope": f"{at.arm}/.default",
        }
        with httpx.Client(verify=self._trust, trust_env=False) as http:
            answer = http.post(f"{at['entra']}/{at['tenant_id']}/oauth2/v2.0/token", data=form)
            headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
            url = f"{at.arm}{cluster}/listClusterUserCredential?api-version=2025-08-01"
            found = http.post(url, headers=headers).raise_for_status().json()["kubeconfigs"][0]["value"]
        return str(yaml.safe_load(base64.b64decode(found))["users"][0]["user"]["token"])

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        """Open a connection to the cluster."""
        url = urlsplit(self._endpoints["kubernetes"])
        reader, writer = await asyncio.open_connection(url.hostname, url.port, ssl=self._trust, limit=2**22)
        head = f"Host: {url.netloc}\r\nAuthorization: Bearer {self._token}\r\n"
        try:
            yield Connection(reader, writer, head)
        finally:
            writer.close()

    async def fill(self) -> None:
        """Make the objects that are listed: pods nobody schedules, and events about them."""
        async with self.connected() as cluster:
            for path, body in _objects():
                await cluster.ask("POST", path, json.dumps(body).encode())

    async def table_seconds(self) -> tuple[float, float]:
        """Return how long both lists take, one after the other, and how long the practice cloud is busy."""
        async with self.connected() as cluster:
            times, busy = [], processor_seconds(self._endpoints.pid)
            for _ in range(RUNS):
                begun = time.perf_counter()
                for kind in ("pods", "events"):
                    await cluster.ask("GET", f"{CORE}/{kind}", accept=TABLE)
                times.append(time.perf_counter() - begun)
        return statistics.median(times), (processor_seconds(self._endpoints.pid) - busy) / RUNS

    async def watch_seconds(self) -> float:
        """Return how long after a change was sent another connection has it."""
        times = []
        async with self.connected() as writer, self.connected() as watcher:
            await writer.ask("POST", f"{CORE}/configmaps", b'{"metadata": {"name": "watched"}}')
            query = urlencode({"watch": "true", "fieldSelector": "metadata.name=watched"})
            await watcher.watch(f"{CORE}/configmaps?{query}")
            await watcher.reader.readuntil(b'"ADDED"')
            for number in range(WATCHED):
                patch = json.dumps({"data": {"number": str(number)}}).encode()
                begun = time.perf_counter()
                kind = "application/merge-patch+json"
                async with asyncio.TaskGroup() as group:
                    group.create_task(writer.ask("PATCH", f"{CORE}/configmaps/watched", patch, kind))
                    await watcher.reader.readuntil(f'"number":"{number}"'.encode())
                    times.append(time.perf_counter() - begun)
        return statistics.median(times)

    async def requests_per_second(self) -> tuple[float, float]:
        """Return how many small objects are read in a second over a few connections, and how busy each is."""

        async def ask() -> None:
            async with self.connected() as cluster:
                for _ in range(REQUESTS):
                    await cluster.ask("GET", "/api/v1/namespaces/default/serviceaccounts/default")

        begun, busy = time.perf_counter(), processor_seconds(self._endpoints.pid)
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(ask())
        took, count = time.perf_counter() - begun, CONNECTIONS * REQUESTS
        return count / took, (processor_seconds(self._endpoints.pid) - busy) / count

    def idle_share(self) -> float:
        """Return which share of a core the process takes while nobody asks it anything."""
        time.sleep(IDLE_SECONDS)  # for the pods to come up, and for nothing to happen
        before = processor_seconds(self._endpoints.pid)
        time.sleep(IDLE_SECONDS)
        return (processor_seconds(self._endpoints.pid) - before) / IDLE_SECONDS

    def memory(self) -> float:
        """Return the megabytes of memory that the process holds."""
        status = Path(f"/proc/{self._endpoints.pid}/status").read_text("utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _objects() -> list[tuple[str, dict[str, Any]]]:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    settings = [{"name": f"SETTING_{number}", "value": "a value"} for number in range(5)]
    spec = {"schedulerName": "nobody", "containers": [{"name": "app", "image": "app:1", "env": settings}]}
    about = {"kind": "Pod", "namespace": "measured", "name": "pod-1"}
    event = {"involvedObject": about, "reason": "Measured", "type": "Normal", "message": "words " * 12}
    event |= {"count": 1, "firstTimestamp": now, "lastTimestamp": now}
    return [
        ("/api/v1/namespaces", {"metadata": {"name": "measured"}}),
        (f"{CORE}/serviceaccounts", {"metadata": {"name": "measured"}}),
        *(
            (
                f"{CORE}/pods",
                {
                    "metadata": {"name": f"pod-{number}", "labels": {"app": "measured"}},
                    "spec": spec | {"serviceAccountName": "measured"},
                },
            )
            for number in range(PODS)
        ),
        *((f"{CORE}/events", {"metadata": {"name": f"event-{number}"}} | event) for number in range(EVENTS)),
    ]


def processor_seconds(pid: int) -> float:
    """Return the processor time a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure_practice() -> Measured:
    """Start a practice cloud of its own, measure, and stop it."""
    with tempfile.TemporaryDirectory(prefix="workshop-tui-benchmark-") as name:
        folder = Path(name) / "practice"
        measurement = Measurement(client.start(folder))
        try:
            memory, idle = measurement.memory(), measurement.idle_share()
            asyncio.run(measurement.fill())
            requests, busy = asyncio.run(measurement.requests_per_second())
            table, table_busy = asyncio.run(measurement.table_seconds())
            return Measured(
                table=table,
                table_busy=table_busy,
                watch=asyncio.run(measurement.watch_seconds()),
                requests=requests,
                busy=busy,
                idle=idle,
                memory=memory,
            )
        finally:
            client.stop(folder)
