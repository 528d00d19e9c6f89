"""A node with a registry and a real object store, and images made by hand from a few files."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import sys
import tarfile
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import trustme

from workshop_tui.practice.cluster.events import Events
from workshop_tui.practice.cluster.kubelet.node import Kubelet, create_kubelet
from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback
from workshop_tui.practice.cluster.objects import Objects
from workshop_tui.practice.cluster.ports import Features
from workshop_tui.practice.cluster.tokens import ClusterTokens, create_token_issuer
from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.registry import create_registry
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from workshop_tui.practice.cluster.ports import Object

NODE = "aks-nodepool1-00000000-vmss000000"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

WEB_APP = """
import http.server, json, os, sys
class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/exit": os._exit(7)
        sick = self.path == "/health" and os.path.exists("sick")
        known = {"word": WORD, "environment": dict(os.environ), "path": sys.path, "cwd": os.getcwd()}
        body = json.dumps(known).encode()
        self.send_response(500 if sick else 200)
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        open("sick", "w").close()
        self.send_response(200); self.end_headers()
print("listening soon", flush=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 5001), App).serve_forever()
"""


@contextmanager
def practice_in(folder: Path, scale: float = 50) -> Iterator[Practice]:
    """Yield a practice cloud's context without its other servers."""
    nowhere = "https://127.0.0.1:9"
    store = Store(folder / "store.sqlite")
    trustme.CA().cert_pem.write_to_path(str(folder / "ca.pem"))
    yield Practice(
        options=Options(folder, time_scale=scale),
        clock=Clock(scale),
        store=store,
        addresses=Addresses(
            arm=nowhere,
            entra=nowhere,
            graph=nowhere,
            openai=nowhere,
            kubernetes="https://127.0.0.1:6443",
            issuer=nowhere,
            registry="127.0.0.1:9",
            shop="http://127.0.0.1:9",
        ),
        names=Names("tenant", "subscription", "cluster"),
        ca_file=folder / "ca.pem",
    )
    store.close()


@dataclass
class World:
    """A running node and what is around it."""

    practice: Practice
    objects: Objects
    tokens: ClusterTokens
    kubelet: Kubelet
    registry: httpx.AsyncClient
    features: list[Features]

    @property
    def registry_host(self) -> str:
        return f"{self.registry.base_url.host}:{self.registry.base_url.port}"

    def create_pod(self, image: str, name: str = "app", **spec: Any) -> Object:
        """Create a pod bound to the node, with one container `app` on port 5001."""
        container: dict[str, Any] = {"name": "app", "image": image, "ports": [{"containerPort": 5001}]}
        container |= spec.pop("container", {})
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "default", "labels": {"app": name}},
            "spec": {"nodeName": NODE, "containers": [container], "restartPolicy": "Always", **spec},
        }
        return self.objects.create("pods", pod)

    def pod(self, name: str = "app") -> Object:
        return self.objects.get("pods", "default", name)

    def container(self, name: str = "app") -> dict[str, Any]:
        """Return the status of the pod's first container."""
        statuses = (self.pod(name).get("status") or {}).get("containerStatuses") or [{}]
        return dict(statuses[0])

    async def until(
        self, holds: Callable[[Object], object], name: str = "app", seconds: float = 15
    ) -> Object:
        """Watch the pod until the condition holds."""

        async def wait() -> Object:
            async for change in self.objects.watch("pods"):
                pod = change.object
                if pod["metadata"]["name"] == name and change.type != "DELETED" and holds(pod):
                    return pod
            raise AssertionError

        return await asyncio.wait_for(wait(), seconds)

    async def until_gone(self, name: str = "app", seconds: float = 15) -> None:
        async def wait() -> None:
            async for change in self.objects.watch("pods"):
                if change.type == "DELETED" and change.object["metadata"]["name"] == name:
                    return

        await asyncio.wait_for(wait(), seconds)

    def events(self, name: str = "app") -> list[tuple[str, str]]:
        """Return reason and message of the pod's events."""
        found = [e for e in self.objects.list("events") if e["involvedObject"]["name"] == name]
        return [(event["reason"], event["message"]) for event in found]

    async def ask(
        self, path: str = "/", name: str = "app", port: int = 5001, method: str = "GET", **how: Any
    ) -> httpx.Response:
        """Send a request to the pod's port."""
        place = self.kubelet.address("default", name, port)
        assert place is not None
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.request(method, f"http://{place[0]}:{place[1]}{path}", **how)


def is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)


def waits_with(reason: str) -> Callable[[Object], bool]:
    def holds(pod: Object) -> bool:
        statuses = (pod.get("status") or {}).get("containerStatuses") or []
        return any(entry["state"].get("waiting", {}).get("reason") == reason for entry in statuses)

    return holds


def layer_of(files: dict[str, str], extra: Callable[[tarfile.TarFile], None] | None = None) -> bytes:
    """Return a gzipped tar of these files, and whatever `extra` adds."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
        if extra is not None:
            extra(tar)
    return gzip.compress(buffer.getvalue(), mtime=0)


async def push(
    client: httpx.AsyncClient,
    layers: list[bytes],
    *,
    repository: str = "app",
    tag: str = "1h",
    command: tuple[str, ...] = ("python", "main.py"),
    labels: dict[str, str] | None = None,
    architecture: str = "amd64",
) -> str:
    """Push an image as the embedded builder makes them; return its reference by digest."""
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {
            "Env": ["PYTHONPATH=/opt/site-packages"],
            "WorkingDir": "/app",
            "Cmd": list(command),
            "Labels": {"dev.workshop-tui.builder": "embedded", "dev.workshop-tui.python": PYTHON}
            if labels is None
            else labels,
        },
    }
    blobs = [json.dumps(config).encode(), *layers]
    parts = []
    for blob in blobs:
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        parameters = {"digest": digest}
        await client.post(f"/v2/{repository}/blobs/uploads/", params=parameters, content=blob)
        parts.append({"mediaType": LAYER, "digest": digest, "size": len(blob)})
    parts[0]["mediaType"] = "application/vnd.oci.image.config.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}
    answer = await client.put(
        f"/v2/{repository}/manifests/{tag}", content=json.dumps(manifest), headers={"Content-Type": MANIFEST}
    )
    assert answer.status_code == 201, answer.text
    host = f"{client.base_url.host}:{client.base_url.port}"
    return f"{host}/{repository}@{answer.headers['docker-content-digest']}"


async def push_app(client: httpx.AsyncClient, word: str = "hello", app: str = WEB_APP, **how: Any) -> str:
    """Push an image with a package layer and an app layer; the app answers with `word`."""
    packages = layer_of({"opt/site-packages/words.py": f"WORD = {word!r}\n"})
    return await push(client, [packages, layer_of({"app/main.py": f"from words import WORD\n{app}"})], **how)


@asynccontextmanager
async def node_running(practice: Practice) -> AsyncIterator[World]:
    """Run registry and kubelet over the practice store; both end with the context."""
    objects = Objects(practice.store, practice.clock)
    features = [Features()]
    tokens = create_token_issuer(practice, objects, lambda: features[-1])
    kubelet = create_kubelet(practice, objects, Events(objects, practice.clock), tokens, NODE)
    if objects.find("serviceaccounts", "default", "default") is None:
        account = {"metadata": {"name": "default", "namespace": "default"}}
        objects.create("serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", **account})
    async with (
        serve_on_loopback(create_registry(practice)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        task = asyncio.create_task(kubelet.run())
        try:
            yield World(practice, objects, tokens, kubelet, client, features)
        finally:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and task.exception() is not None:
                raise AssertionError("the kubelet failed") from task.exception()
