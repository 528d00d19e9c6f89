"""A practice cluster for tests: the real API server over TLS, and a node that only says that pods run."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.certificates import open_authority
from workshop_tui.practice.cluster.cluster import Cluster
from workshop_tui.practice.cluster.controllers.pods import is_ready
from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.listeners import bind_sockets
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

    from workshop_tui.practice.cluster.kubelet.runtimes import Running
    from workshop_tui.practice.cluster.ports import EventRecorder, Object, ObjectStore, TokenIssuer

API_KEY = "0123456789abcdef0123456789abcdef"
ENDPOINT = "https://127.0.0.1:20443/"
STARTED = "2026-01-01T00:00:00Z"


async def _echo(request: Request) -> JSONResponse:
    """Answer with what arrived."""
    body = (await request.body()).decode()
    shown = {"method": request.method, "path": request.url.path, "query": request.url.query, "body": body}
    return JSONResponse(shown | {"authorization": request.headers.get("authorization")})


ECHO = Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST", "PUT", "DELETE"])])


@dataclass
class StandInNode:
    """Takes pods as started at once, unless their image is called `broken`."""

    objects: ObjectStore
    node: str
    folder: Path
    echo: tuple[str, int]
    addresses: dict[str, str] = field(default_factory=dict)

    async def run(self) -> None:
        """Follow the pods of the node."""
        async for change in self.objects.watch("pods"):
            pod = change.object
            if change.type == "DELETED" or pod["spec"].get("nodeName") != self.node:
                continue
            metadata = pod["metadata"]
            if "deletionTimestamp" in metadata:
                if self.objects.find("pods", metadata["namespace"], metadata["name"]):
                    self.objects.delete(
                        "pods", metadata["namespace"], metadata["name"], uid=metadata["uid"], grace_seconds=0
                    )
            elif metadata["uid"] not in self.addresses:
                self._start(self.objects.get("pods", metadata["namespace"], metadata["name"]))

    def _start(self, pod: Object) -> None:
        metadata = pod["metadata"]
        address = self.addresses.setdefault(metadata["uid"], f"10.244.0.{len(self.addresses) + 5}")
        log = self._log(metadata["name"])
        log.write_text("".join(f"{STARTED[:-1]}.00000000{n}Z stdout F line {n}\n" for n in range(3)))
        broken = any("broken" in each["image"] for each in pod["spec"]["containers"])
        state: dict[str, Any] = {"running": {"startedAt": STARTED}}
        if broken:
            state = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
        ready = {"status": "False" if broken else "True", "lastTransitionTime": STARTED}
        pod["status"] |= {
            "phase": "Pending" if broken else "Running",
            "podIP": address,
            "hostIP": "10.224.0.4",
            "startTime": STARTED,
            "conditions": [
                *pod["status"].get("conditions", []),
                {"type": "Ready", **ready},
                {"type": "ContainersReady", **ready},
            ],
            "containerStatuses": [
                {
                    "name": each["name"],
                    "image": each["image"],
                    "imageID": "",
                    "ready": not broken,
                    "started": not broken,
                    "restartCount": 0,
                    "state": state,
                }
                for each in pod["spec"]["containers"]
            ],
        }
        self.objects.update_status("pods", pod)

    def _log(self, pod: str) -> Path:
        return self.folder / f"{pod}.log"

    def log_path(self, _namespace: str, pod: str, _container: str, *, previous: bool = False) -> Path | None:
        """Return the pod's three lines."""
        path = self._log(pod)
        return path if path.exists() and not previous else None

    async def log_grew(self, _namespace: str, _pod: str, _container: str, _size: int) -> bool:
        """Say that the container has ended."""
        return False

    def address(self, _namespace: str, _pod: str, _port: int) -> tuple[str, int] | None:
        """Return the echo server, whatever the pod."""
        return self.echo

    def running(self, _namespace: str, _pod: str, _container: str) -> Running | None:
        """Return nothing: no container runs here."""
        return None


@dataclass(frozen=True)
class World:
    """A running cluster."""

    cluster: Cluster
    practice: Practice
    kubeconfig: Path
    loop: asyncio.AbstractEventLoop
    node: StandInNode

    def turn(self, *, workload_identity: bool) -> None:
        """Turn issuer and webhook on or off, on the cluster's own thread; wait for its pods."""

        async def apply() -> None:
            self.cluster.apply_features(oidc_issuer=True, workload_identity=workload_identity)
            if workload_identity:
                async for change in self.node.objects.watch("pods", "kube-system"):
                    if is_ready(change.object):
                        return

        asyncio.run_coroutine_threadsafe(apply(), self.loop).result(10)


@contextmanager
def running_cluster(folder: Path) -> Iterator[World]:
    """Run a cluster with the store in it, in a thread of its own."""
    started: list[World] = []
    ready = threading.Event()
    control: dict[str, Any] = {}

    def serve() -> None:
        try:
            asyncio.run(_serve(folder, started, ready, control))
        finally:
            ready.set()

    thread = threading.Thread(target=serve, name="cluster")
    thread.start()
    ready.wait(30)
    try:
        yield started[0]
    finally:
        if control:
            control["loop"].call_soon_threadsafe(control["stop"].set)
        thread.join(30)


async def _serve(folder: Path, started: list[World], ready: threading.Event, control: dict[str, Any]) -> None:
    store = Store(folder / "store.sqlite")
    sockets = bind_sockets(store)
    authority = open_authority(folder)
    at = {name: f"127.0.0.1:{each.getsockname()[1]}" for name, each in sockets.items()}
    practice = Practice(
        options=Options(folder=folder, time_scale=20),
        clock=Clock(20),
        store=store,
        addresses=Addresses(
            **{
                name: f"https://{at[name]}"
                for name in ("arm", "entra", "graph", "openai", "kubernetes", "issuer")
            },
            registry=at["registry"],
            shop=f"http://{at['shop']}",
        ),
        names=Names("11111111-2222-3333-4444-555555555555", "sub", "cluster-guid"),
        ca_file=authority.certificate_file,
    )

    def create_node(
        _: Practice, objects: ObjectStore, _events: EventRecorder, _tokens: TokenIssuer, node: str
    ) -> StandInNode:
        host, port = sockets["shop"].getsockname()[:2]
        nodes.append(StandInNode(objects, node, folder, (host, port)))
        return nodes[-1]

    nodes: list[StandInNode] = []
    cluster = Cluster(practice, create_runtime=create_node)
    cluster.seed(ENDPOINT, API_KEY)
    certificate, key = authority.server_files()
    quiet: dict[str, Any] = {
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "timeout_graceful_shutdown": 1,
    }
    api = uvicorn.Server(
        uvicorn.Config(cluster.api_app, ssl_certfile=str(certificate), ssl_keyfile=str(key), **quiet)
    )
    echo = uvicorn.Server(uvicorn.Config(ECHO, **quiet))
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(cluster.user_kubeconfig())
    control["loop"], control["stop"] = asyncio.get_running_loop(), asyncio.Event()
    tasks = [
        asyncio.create_task(api.serve(sockets=[sockets["kubernetes"]])),
        asyncio.create_task(echo.serve(sockets=[sockets["shop"]])),
        asyncio.create_task(cluster.run()),
    ]
    started.append(World(cluster, practice, kubeconfig, control["loop"], nodes[0]))
    ready.set()
    await control["stop"].wait()
    tasks[2].cancel()
    api.should_exit = echo.should_exit = True
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in sockets.values():
        each.close()
    store.close()
