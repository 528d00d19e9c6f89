"""A whole practice cloud is killed (-9) with apps in it: nothing of theirs stays behind, they come up again.

Also: what its processes, the apps among them, listen at, are started with and write down.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from docker_images import build_and_push
from kill_clients import Access
from kill_world import Cloud
from kubelet_world import WEB_APP, push_app
from security_world import family_of, listening_addresses

from workshop_tui.practice.cluster.kubelet.docker_containers import NODE_LABEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECONDS = 60.0
CHILD = "import subprocess; subprocess.Popen(['sleep', '300'], start_new_session=True)"


class Apps:
    """A practice cloud, and Deployments in it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.access = Access(cloud)

    async def send(self, method: str, path: str, **how: Any) -> Any:
        url = f"{self.cloud['kubernetes']}{path}"
        return (await self.cloud.client().request(method, url, headers=self.access.kubernetes, **how)).json()

    async def deploy(self, image: str, replicas: int) -> None:
        probe = {"httpGet": {"path": "/", "port": 5001}, "periodSeconds": 1}
        container = {"name": "app", "image": image, "readinessProbe": probe}
        template = {"metadata": {"labels": {"app": "own"}}, "spec": {"containers": [container]}}
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "own"}}, "template": template}
        body = {"metadata": {"name": "own"}, "spec": spec}
        answer = await self.send("POST", "/apis/apps/v1/namespaces/default/deployments", json=body)
        assert answer["kind"] == "Deployment", answer

    async def pods(self) -> list[dict[str, Any]]:
        listed = await self.send("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Down")
        return list(listed["items"])

    async def until_ready(self, replicas: int, restarts: int) -> None:
        """Watch the pods until so many are ready, each restarted so often, and there is none besides."""
        async with asyncio.timeout(SECONDS):
            async for _ in self.changes():
                if await self._are_ready(replicas, restarts):
                    return

    async def changes(self) -> AsyncIterator[str]:
        """Yield whenever a pod changes."""
        url = f"{self.cloud['kubernetes']}/api/v1/namespaces/default/pods?watch=true"
        stream = self.cloud.client().stream("GET", url, headers=self.access.kubernetes, timeout=SECONDS)
        async with stream as answer:
            async for line in answer.aiter_lines():
                yield line

    async def _are_ready(self, replicas: int, restarts: int) -> bool:
        states = [
            status
            for pod in await self.pods()
            for status in pod["status"].get("containerStatuses") or [{"ready": False, "restartCount": -1}]
        ]
        return [(each["ready"], each["restartCount"]) for each in states] == [(True, restarts)] * replicas


@pytest.fixture
async def apps(tmp_path: Path) -> AsyncIterator[Apps]:
    cloud = Cloud(tmp_path / "practice", seed=1)
    await cloud.start()
    made = Apps(cloud)
    await made.access.sign_in(cloud.client())
    yield made
    await cloud.stop()


def of_pods(folder: Path) -> list[int]:
    """Return the processes that have something to do with the pods of this folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if os.fsencode(folder / "pods") in file.read_bytes():
                found.append(int(file.parent.name))
    return found


async def push(apps: Apps, program: str = WEB_APP) -> str:
    registry = f"http://{apps.cloud['registry']}"
    async with httpx.AsyncClient(base_url=registry, trust_env=False) as client:
        return await push_app(client, app=program)


async def test_no_process_is_left_and_the_app_comes_up_again(apps: Apps) -> None:
    await apps.deploy(await push(apps, f"{CHILD}\n{WEB_APP}"), replicas=2)
    await apps.until_ready(2, restarts=0)
    folder = apps.cloud.folder
    before = of_pods(folder)
    assert len(before) == 4, "an app and what it started, twice"
    names = {pod["metadata"]["name"] for pod in await apps.pods()}
    await apps.cloud.forget_clients()
    apps.cloud.kill()
    await apps.cloud.start()
    await apps.until_ready(2, restarts=1)
    after = of_pods(folder)
    assert len(after) == 4
    assert set(before).isdisjoint(after)
    assert {pod["metadata"]["name"] for pod in await apps.pods()} == names, "the same pods, restarted"
    await apps.cloud.stop()
    assert of_pods(folder) == []


async def test_a_deleted_pod_leaves_no_process(apps: Apps) -> None:
    await apps.deploy(await push(apps, f"{CHILD}\n{WEB_APP}"), replicas=1)
    await apps.until_ready(1, restarts=0)
    assert len(of_pods(apps.cloud.folder)) == 2
    await apps.send("DELETE", "/apis/apps/v1/namespaces/default/deployments/own")
    async with asyncio.timeout(SECONDS):
        async for _ in apps.changes():
            if not await apps.pods():
                break
    assert of_pods(apps.cloud.folder) == []


@pytest.mark.slow
async def test_no_container_is_left_and_the_app_comes_up_again(apps: Apps, docker: Any) -> None:
    image = await asyncio.to_thread(build_and_push, docker, apps.cloud["registry"], WEB_APP)
    await apps.deploy(image, replicas=1)
    await apps.until_ready(1, restarts=0)

    def containers() -> set[str]:
        uids = [f"dev.workshop-tui.pod={uid}" for uid in known]
        found = [docker.containers.list(all=True, filters={"label": uid}) for uid in uids]
        return {each.id for some in found for each in some}

    known = [pod["metadata"]["uid"] for pod in await apps.pods()]
    before = await asyncio.to_thread(containers)
    assert len(before) == 1
    (container,) = before
    mark = docker.containers.get(container).labels[NODE_LABEL]
    await apps.cloud.forget_clients()
    apps.cloud.kill()
    assert await asyncio.to_thread(containers) == before, "Docker's containers outlive the node's process"
    await apps.cloud.start()
    await apps.until_ready(1, restarts=1)
    after = await asyncio.to_thread(containers)
    assert len(after) == 1
    assert after.isdisjoint(before)
    await apps.cloud.stop()
    assert docker.containers.list(all=True, filters={"label": f"{NODE_LABEL}={mark}"}) == []


async def test_it_listens_on_loopback_alone_and_tells_no_secret(apps: Apps) -> None:
    """The app asks for 0.0.0.0, as apps do, and gets a port of loopback."""
    await apps.deploy(await push(apps), replicas=1)
    await apps.until_ready(1, restarts=0)
    cloud = apps.cloud
    processes = family_of(cloud["pid"])
    assert set(of_pods(cloud.folder)) & set(processes), "the app is among them"
    addresses = listening_addresses(processes)
    assert len(addresses) >= 9, "a listener for each service, and the app"
    assert [each for each in addresses if not ipaddress.ip_address(each).is_loopback] == []

    secrets = secrets_of(apps)
    assert len(secrets) >= 6
    for pid in processes:
        for part in ("cmdline", "environ"):
            told = read_about(pid, part)
            assert [name for name, secret in secrets.items() if secret in told] == [], (pid, part)
    for file in [*cloud.folder.glob("log/*"), *cloud.folder.glob("pods/*/*/*.log")]:
        assert [name for name, secret in secrets.items() if secret in file.read_bytes()] == [], file


def read_about(pid: int, part: str) -> bytes:
    return Path(f"/proc/{pid}/{part}").read_bytes()


def secrets_of(apps: Apps) -> dict[str, bytes]:
    """Return what nobody but the learner may know."""
    folder = apps.cloud.folder
    keys = [folder / "ca.key", folder / "server.key", *folder.glob("keys/*.pem")]
    bodies = {file.name: b"".join(file.read_bytes().splitlines()[1:3]) for file in keys}
    lines = {f"{file.name} by line": file.read_bytes().splitlines()[1] for file in keys}
    tokens = {"arm": apps.access.arm, "graph": apps.access.graph, "kubernetes": apps.access.kubernetes}
    texts = {name: header["Authorization"].partition(" ")[2] for name, header in tokens.items()}
    texts["client secret"] = apps.cloud["sign_in"]["client_secret"]
    texts["assertion"] = (folder / "sign-in" / "developer-token").read_text()
    return {**bodies, **lines, **{name: text.encode() for name, text in texts.items()}}


async def test_the_request_log_holds_no_secret(apps: Apps) -> None:
    http = apps.cloud.client()
    secret = apps.cloud["sign_in"]["client_secret"]
    for service in ("arm", "graph", "kubernetes", "registry", "shop"):
        await apps.cloud.send(http, service, "GET", f"/anything?key={secret}&access_token={secret}")
    answer = await apps.cloud.send(http, "arm", "GET", "/practice/audit", headers=apps.access.arm)
    told = answer.content
    assert len(answer.json()["value"]) > 5
    assert [name for name, each in secrets_of(apps).items() if each in told] == []


async def test_every_file_is_its_owner_s(apps: Apps) -> None:
    await apps.deploy(await push(apps), replicas=1)
    await apps.until_ready(1, restarts=0)
    folder = apps.cloud.folder
    found = [folder, *folder.rglob("*")]
    assert len(found) > 50
    assert folder.stat().st_mode & 0o777 == 0o700
    inside = [each for each in found if not each.is_symlink() and not of_an_image(each, folder)]
    assert [str(each) for each in inside if each.stat().st_mode & 0o077] == []


def of_an_image(path: Path, folder: Path) -> bool:
    """Say whether it belongs to an image, which says itself how its files are: below a closed folder."""
    inside = path.relative_to(folder).parts
    return inside[:1] == ("images",) or "workdir" in inside
