"""Images that Docker built, run by a real Docker daemon where one answers and has a Python image."""

from __future__ import annotations

import asyncio
import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from docker_images import build_and_push
from kubelet_world import WEB_APP, World, is_ready, node_running, practice_in

from workshop_tui.practice.cluster.kubelet.docker_containers import NODE_LABEL, create_or_remove
from workshop_tui.practice.cluster.kubelet.executions import ExecutionError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.runtimes import Running

EATER = f"""
import threading, time
def eat():
    time.sleep(1)
    held = [b"x" * 1_000_000 for _ in range(400)]
threading.Thread(target=eat).start()
{WEB_APP}"""


pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    with practice_in(tmp_path, scale=10) as practice:
        async with node_running(practice) as running:
            yield running


def containers(docker: Any, uid: str) -> list[Any]:
    return list(docker.containers.list(all=True, filters={"label": f"dev.workshop-tui.pod={uid}"}))


async def test_docker_built_image_runs_as_a_container(world: World, docker: Any) -> None:
    image = await asyncio.to_thread(build_and_push, docker, world.registry_host, WEB_APP)
    source = {"serviceAccountToken": {"path": "token", "audience": "api://x", "expirationSeconds": 3600}}
    pod = world.create_pod(
        image,
        volumes=[{"name": "azure", "projected": {"sources": [source]}}],
        container={
            "env": [{"name": "AZURE_FEDERATED_TOKEN_FILE", "value": "/var/run/azure/token"}],
            "volumeMounts": [{"name": "azure", "mountPath": "/var/run/azure", "readOnly": True}],
            "readinessProbe": {"httpGet": {"path": "/", "port": 5001}, "periodSeconds": 3},
        },
    )
    uid = pod["metadata"]["uid"]
    await world.until(is_ready, seconds=60)
    seen = (await world.ask()).json()
    assert seen["word"] == "from docker"
    assert seen["environment"]["AZURE_FEDERATED_TOKEN_FILE"] == "/var/run/azure/token"
    assert seen["environment"]["PYTHONPATH"].endswith(":/own")
    (container,) = await asyncio.to_thread(containers, docker, uid)
    inside = await asyncio.to_thread(container.exec_run, ["cat", "/var/run/azure/token"])
    assert inside.output.count(b".") == 2
    log = world.kubelet.log_path("default", "app", "app")
    assert log is not None
    assert "stdout F listening soon" in log.read_text()
    world.objects.delete("pods", "default", "app", grace_seconds=2)
    await world.until_gone(seconds=30)
    assert await asyncio.to_thread(containers, docker, uid) == []


async def test_container_over_its_memory_limit_is_killed(world: World, docker: Any) -> None:
    image = await asyncio.to_thread(build_and_push, docker, world.registry_host, EATER)
    world.create_pod(image, container={"resources": {"limits": {"memory": "64Mi"}}}, restartPolicy="Never")
    pod = await world.until(lambda pod: pod.get("status", {}).get("phase") == "Failed", seconds=60)
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


async def test_leftover_container_is_removed_at_the_next_start(tmp_path: Path, docker: Any) -> None:
    with practice_in(tmp_path, scale=10) as practice:
        async with node_running(practice) as world:
            image = await asyncio.to_thread(build_and_push, docker, world.registry_host, WEB_APP)
            mark = world.kubelet._node.docker._mark
            (tmp_path / "docker-used").touch()
            name, _, digest = image.partition("@")
            await asyncio.to_thread(lambda: docker.images.pull(name, tag=digest))
            left = await asyncio.to_thread(lambda: docker.containers.create(image, labels={NODE_LABEL: mark}))
        async with node_running(practice) as world:
            found: list[Any] = [left]
            for _ in range(100):
                found = docker.containers.list(all=True, filters={"label": f"{NODE_LABEL}={mark}"})
                if not found:
                    break
                await asyncio.sleep(0.1)
        assert found == []


async def test_container_made_while_its_pod_is_deleted_is_removed(docker: Any) -> None:
    """Docker cannot be told to stop making it: it is waited for, and removed."""
    bases = [tag for image in docker.images.list("python") for tag in image.tags]
    if not bases:
        pytest.skip("the Docker daemon has no Python image, and tests download none")
    mark = uuid.uuid4().hex
    asked, goes_on = threading.Event(), threading.Event()

    class SlowDaemon:
        """The real one, made to take its time."""

        @property
        def containers(self) -> SlowDaemon:
            return self

        def create(self, **settings: Any) -> Any:
            asked.set()
            goes_on.wait(30)
            return docker.containers.create(**settings)

    settings = {"image": bases[0], "labels": {NODE_LABEL: mark}}
    starting = asyncio.create_task(create_or_remove(SlowDaemon(), settings))
    await asyncio.to_thread(asked.wait, 30)
    starting.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert docker.containers.list(all=True, filters={"label": f"{NODE_LABEL}={mark}"}) == []


async def test_commands_run_in_the_container(docker: Any, world: World) -> None:
    image = await asyncio.to_thread(build_and_push, docker, world.registry_host, WEB_APP)
    world.create_pod(image, container={"env": [{"name": "WHO", "value": "the pod"}]})
    await world.until(is_ready, seconds=60)
    container = world.kubelet.running("default", "app", "app")
    assert container is not None
    told = await run_in(container, "sh", "-c", "echo $WHO; pwd; echo oh >&2; exit 3")
    assert told == ({"stdout": "the pod\n/app\n", "stderr": "oh\n"}, 3)
    told = await run_in(container, "cat", given=b"x" * 300_000)
    assert told == ({"stdout": "x" * 300_000}, 0)
    with pytest.raises(
        ExecutionError, match=r'^OCI runtime exec failed: .*exec: "curly": executable file not'
    ):
        await run_in(container, "curly")
    sleeping = await container.execute(["sh", "-c", "echo $$; exec sleep 600"], terminal=True, stdin=True)
    await sleeping.resize(100, 40)
    async for _, data in sleeping.output():
        assert data.strip().isdigit()
        break
    await sleeping.kill()
    listed, _ = await run_in(container, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert "sleep 600" not in listed["stdout"].replace("exec sleep 600", "")


async def run_in(container: Running, *command: str, given: bytes | None = None) -> tuple[dict[str, str], int]:
    """Run a command; return what it printed, by stream, and its exit code."""
    execution = await container.execute(command, terminal=False, stdin=given is not None)
    printed: dict[str, str] = {}

    async def give() -> None:
        if given is not None:
            await execution.write(given)
            await execution.end_input()

    giving = asyncio.create_task(give())
    try:
        async for stream, data in execution.output():
            printed[stream] = printed.get(stream, "") + data.decode()
        return printed, await execution.wait()
    finally:
        await giving
        await execution.kill()


async def test_command_that_is_not_in_the_image(docker: Any, world: World) -> None:
    image = await asyncio.to_thread(build_and_push, docker, world.registry_host, "pass")
    world.create_pod(image, container={"command": ["gunicorn", "main:app"]})
    pod = await world.until(lambda pod: "StartError" in str(pod.get("status")), seconds=60)
    ended = pod["status"]["containerStatuses"][0]
    told = ended["state"].get("terminated") or ended["lastState"]["terminated"]
    assert (told["reason"], told["exitCode"]) == ("StartError", 128)
    assert told["message"].startswith(
        "failed to create containerd task: failed to create shim task: OCI runtime"
    )
    assert 'exec: "gunicorn": executable file not found in $PATH' in told["message"]
