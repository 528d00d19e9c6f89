"""Pods on the practice node: real images over HTTP, real processes, real probes."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from kubelet_world import WEB_APP, World, is_ready, node_running, practice_in, push_app, waits_with

from workshop_tui.practice.cluster.kubelet import containers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.context import Practice

HEALTH = {"httpGet": {"path": "/health", "port": 5001}, "periodSeconds": 5, "failureThreshold": 2}


def restarted(pod: Object) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    return any(entry["restartCount"] for entry in statuses)


async def answers(world: World, name: str = "app") -> None:
    """Wait until the pod's port answers, for pods without a readiness probe."""
    for _ in range(100):
        if world.kubelet.address("default", name, 5001):
            with contextlib.suppress(httpx.HTTPError):
                assert (await world.ask(name=name)).is_success
                return
        await asyncio.sleep(0.05)
    raise AssertionError


def mode_of(path: str) -> int:
    return Path(path).stat().st_mode & 0o777


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    with practice_in(tmp_path) as made:
        yield made


@pytest.fixture
async def world(practice: Practice) -> AsyncIterator[World]:
    async with node_running(practice) as running:
        yield running


async def test_pushed_image_runs_and_answers_with_its_own_bytes(world: World) -> None:
    image = await push_app(world.registry, "a word only this image knows")
    world.create_pod(image, container={"readinessProbe": HEALTH})
    pod = await world.until(is_ready)
    answer = (await world.ask()).json()
    assert answer["word"] == "a word only this image knows"
    assert not any(path.endswith("site-packages") and "/images/" not in path for path in answer["path"])
    status = pod["status"]["containerStatuses"][0]
    assert status["imageID"] == image
    assert status["state"]["running"]["startedAt"]
    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["podIP"].startswith("10.244.")
    reasons = [reason for reason, _ in world.events()]
    assert reasons.count("Pulled") == 1
    assert {"Pulling", "Created", "Started"} <= set(reasons)


async def test_image_outlives_its_registry_on_the_node(world: World) -> None:
    image = await push_app(world.registry)
    world.create_pod(image, "first")
    await world.until(is_ready, "first")
    digest = image.rpartition("@")[2]
    assert (await world.registry.delete(f"/v2/app/manifests/{digest}")).status_code == 202
    world.create_pod(image, "second")
    await world.until(is_ready, "second")
    assert any("already present on machine" in text for _, text in world.events("second"))
    world.create_pod(image, "third", container={"imagePullPolicy": "Always"})
    await world.until(waits_with("ErrImagePull"), "third")


async def test_missing_image_is_told_in_containerd_words_and_comes_up_once_pushed(world: World) -> None:
    missing = f"{world.registry_host}/app:1h"
    world.create_pod(missing)
    pod = await world.until(waits_with("ErrImagePull"))
    text = (
        f'failed to pull and unpack image "{missing}": failed to resolve reference "{missing}": '
        f"{missing}: not found"
    )
    assert pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"] == text
    assert pod["status"]["phase"] == "Pending"
    pod = await world.until(waits_with("ImagePullBackOff"))
    waiting = pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    assert waiting == f'Back-off pulling image "{missing}": ErrImagePull: {text}'
    assert ("Failed", f'Failed to pull image "{missing}": {text}') in world.events()
    await push_app(world.registry)
    await world.until(is_ready)


async def test_registry_out_of_reach(world: World) -> None:
    world.create_pod("ttl.sh/nobody:1h")
    pod = await world.until(waits_with("ErrImagePull"))
    assert "lookup ttl.sh: no such host" in str(pod["status"])
    world.create_pod("127.0.0.1:9/x:1h", "other")
    pod = await world.until(waits_with("ErrImagePull"), "other")
    assert "dial tcp 127.0.0.1:9: connect: connection refused" in str(pod["status"])


async def test_crashing_container_backs_off_and_keeps_its_logs(world: World) -> None:
    crash = "import sys; print('about to fail', flush=True); sys.exit(3)"
    world.create_pod(await push_app(world.registry, app=crash))
    pod = await world.until(waits_with("CrashLoopBackOff"))
    status = pod["status"]["containerStatuses"][0]
    uid = pod["metadata"]["uid"]
    expected = f"back-off 10s restarting failed container=app pod=app_default({uid})"
    assert status["state"]["waiting"]["message"] == expected
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["lastState"]["terminated"]["reason"] == "Error"
    pod = await world.until(lambda pod: "back-off 20s" in str(pod["status"]))
    assert pod["status"]["containerStatuses"][0]["restartCount"] >= 2
    log = world.kubelet.log_path("default", "app", "app", previous=True)
    assert log is not None
    time, stream, tag, text = log.read_text().splitlines()[0].split(" ", 3)
    assert (stream, tag, text) == ("stdout", "F", "about to fail")
    assert time.endswith("Z")
    assert not is_ready(pod)


async def test_readiness_follows_the_app(world: World) -> None:
    world.create_pod(await push_app(world.registry), container={"readinessProbe": HEALTH})
    await world.until(is_ready)
    await world.ask(method="POST")
    pod = await world.until(lambda pod: not is_ready(pod))
    ready = next(c for c in pod["status"]["conditions"] if c["type"] == "Ready")
    assert ready["message"] == "containers with unready status: [app]"
    assert ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500") in world.events()


async def test_startup_probe_kills_what_does_not_come_up(world: World) -> None:
    sleeper = "import time; time.sleep(60)"
    world.create_pod(await push_app(world.registry, app=sleeper), container={"startupProbe": HEALTH})
    await world.until(restarted)
    ip = world.pod()["status"]["podIP"]
    refused = f'Get "http://{ip}:5001/health": dial tcp {ip}:5001: connect: connection refused'
    assert ("Unhealthy", f"Startup probe failed: {refused}") in world.events()
    assert ("Killing", "Container app failed startup probe, will be restarted") in world.events()


async def test_two_containers_of_a_pod_clash_over_a_port(world: World) -> None:
    image = await push_app(world.registry)
    both = [{"name": name, "image": image, "ports": [{"containerPort": 5001}]} for name in ("old", "new")]
    world.create_pod(image, containers=both)
    await world.until(waits_with("CrashLoopBackOff"))
    logs = [world.kubelet.log_path("default", "app", name, previous=True) for name in ("old", "new")]
    texts = "".join(log.read_text() for log in logs if log is not None)
    assert "Address already in use" in texts
    await answers(world)  # the other one goes on


async def test_pods_with_the_same_port_run_side_by_side(world: World) -> None:
    for name in ("one", "two"):
        image = await push_app(world.registry, name, repository=name)
        world.create_pod(image, name)
    for name in ("one", "two"):
        await answers(world, name)
    for name in ("one", "two"):
        assert (await world.ask(name=name)).json()["word"] == name


async def test_environment_is_the_pods_with_paths_led_to_its_volumes(world: World) -> None:
    settings = {"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}}
    world.objects.create("configmaps", {"apiVersion": "v1", **settings, "data": {"COLOUR": "blue"}})
    secret = {"kind": "Secret", "metadata": {"name": "hidden", "namespace": "default"}}
    world.objects.create("secrets", {"apiVersion": "v1", **secret, "data": {"word": "c2VjcmV0"}})
    folder = "/var/run/secrets/azure/tokens"
    source = {"serviceAccountToken": {"path": "token", "audience": "api://x", "expirationSeconds": 3600}}
    container = {
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "env": [
            {"name": "A", "value": "a"},
            {"name": "B", "value": "$(A)$(COLOUR) $$(A) $(NOBODY)"},
            {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "WORD", "valueFrom": {"secretKeyRef": {"name": "hidden", "key": "word"}}},
            {"name": "AZURE_FEDERATED_TOKEN_FILE", "value": f"{folder}/token"},
        ],
        "volumeMounts": [{"name": "azure", "mountPath": folder, "readOnly": True}],
        "readinessProbe": HEALTH,
    }
    volumes = [{"name": "azure", "projected": {"sources": [source]}}]
    world.create_pod(await push_app(world.registry), container=container, volumes=volumes)
    await world.until(is_ready)
    seen = (await world.ask()).json()["environment"]
    assert seen["COLOUR"] == "blue"
    assert seen["B"] == "ablue $(A) $(NOBODY)"
    assert (seen["NAME"], seen["WORD"]) == ("app", "secret")
    assert seen["SSL_CERT_FILE"] == str(world.practice.ca_file)
    token_file = seen["AZURE_FEDERATED_TOKEN_FILE"]
    assert token_file.startswith(str(world.practice.options.folder))
    assert mode_of(token_file) == 0o600
    assert world.pod()["spec"]["containers"][0]["env"][-1]["value"] == f"{folder}/token"


async def test_missing_secret_keeps_the_container_from_being_created(world: World) -> None:
    key = {"secretKeyRef": {"name": "absent", "key": "word"}}
    container = {"env": [{"name": "WORD", "valueFrom": key}]}
    world.create_pod(await push_app(world.registry), container=container)
    pod = await world.until(waits_with("CreateContainerConfigError"))
    assert 'secret "absent" not found' in str(pod["status"])


async def test_deleted_pod_is_stopped_and_removed(world: World) -> None:
    uid = world.create_pod(await push_app(world.registry), container={"readinessProbe": HEALTH})["metadata"][
        "uid"
    ]
    await world.until(is_ready)
    place = world.kubelet.address("default", "app", 5001)
    assert place is not None
    world.objects.delete("pods", "default", "app")
    await world.until_gone()
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection(*place)
    assert ("Killing", "Stopping container app") in world.events()
    assert not (world.practice.options.folder / "pods" / uid).exists()


async def test_job_like_pod_completes(world: World) -> None:
    world.create_pod(await push_app(world.registry, app="print(WORD)"), restartPolicy="Never")
    pod = await world.until(lambda pod: pod.get("status", {}).get("phase") == "Succeeded")
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"


async def test_init_container_runs_first(world: World) -> None:
    image = await push_app(world.registry, app="print('prepared')", repository="init")
    init = [{"name": "prepare", "image": image}]
    world.create_pod(
        await push_app(world.registry), initContainers=init, container={"readinessProbe": HEALTH}
    )
    pod = await world.until(is_ready)
    assert pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0


async def test_failed_init_container_ends_a_pod_that_is_not_restarted(world: World) -> None:
    image = await push_app(world.registry, app="raise SystemExit(4)", repository="init")
    init = [{"name": "prepare", "image": image}]
    app = await push_app(world.registry)
    world.create_pod(app, initContainers=init, restartPolicy="Never")
    pod = await world.until(lambda pod: pod.get("status", {}).get("phase") == "Failed")
    assert "waiting" in pod["status"]["containerStatuses"][0]["state"]


async def test_image_that_docker_built_needs_docker(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-docker.sock")
    world.create_pod(await push_app(world.registry, labels={}))
    pod = await world.until(waits_with("CreateContainerError"))
    assert "no Docker daemon answers" in str(pod["status"])


async def test_memory_limit_of_a_process_is_said_not_to_be_enforced_where_none_can_measure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "can_measure", lambda: False)
    limits = {"resources": {"limits": {"memory": "128Mi"}}, "readinessProbe": HEALTH}
    world.create_pod(await push_app(world.registry), container=limits)
    await world.until(is_ready)
    assert "MemoryLimitNotEnforced" in [reason for reason, _ in world.events()]


async def test_log_can_be_followed(world: World) -> None:
    world.create_pod(await push_app(world.registry, app=f"print('first line', flush=True)\n{WEB_APP}"))
    await world.until(is_ready)
    assert await asyncio.wait_for(world.kubelet.log_grew("default", "app", "app", 0), 5)
    path = world.kubelet.log_path("default", "app", "app")
    assert path is not None
    following = asyncio.create_task(world.kubelet.log_grew("default", "app", "app", 10_000_000))
    world.objects.delete("pods", "default", "app")
    assert await asyncio.wait_for(following, 5) is False


async def test_node_started_again_restarts_its_pods_and_leaves_no_process(practice: Practice) -> None:
    async with node_running(practice) as world:
        image = await push_app(world.registry)
        world.create_pod(image, container={"readinessProbe": HEALTH})
        await world.until(is_ready)
        first = world.kubelet.address("default", "app", 5001)
    assert first is not None
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection(*first)
    async with node_running(practice) as world:
        pod = await world.until(lambda pod: is_ready(pod) and restarted(pod))
        assert pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137
        assert (await world.ask()).json()["word"] == "hello"


async def test_image_for_another_processor_can_not_be_executed(world: World) -> None:
    image = await push_app(world.registry, architecture="arm64")
    world.create_pod(image)
    pod = await world.until(waits_with("CrashLoopBackOff"))
    assert pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 255
    log = world.kubelet.log_path("default", "app", "app", previous=True)
    assert log is not None
    assert "exec format error" in log.read_text()


async def test_missing_python_is_said_clearly(world: World) -> None:
    labels = {"dev.workshop-tui.builder": "embedded", "dev.workshop-tui.python": "2.4"}
    world.create_pod(await push_app(world.registry, labels=labels))
    pod = await world.until(waits_with("CreateContainerError"))
    assert "this node has no Python 2.4 to run the image with" in str(pod["status"])


async def test_command_that_is_no_python_program_is_not_found(world: World) -> None:
    world.create_pod(await push_app(world.registry), container={"command": ["node", "server.js"]})
    pod = await world.until(waits_with("RunContainerError"))
    assert 'exec: "node": executable file not found in $PATH' in str(pod["status"])


async def test_module_named_as_a_program_is_run_by_python(world: World) -> None:
    command = ["/bin/sh", "-c", "exec words --now"]
    world.create_pod(await push_app(world.registry), container={"command": command}, restartPolicy="Never")
    await world.until(lambda pod: pod.get("status", {}).get("phase") == "Succeeded")


async def test_requirements_layer_is_unpacked_once_for_all_images_with_it(world: World) -> None:
    for number in ("one", "two"):
        image = await push_app(world.registry, app=f"{WEB_APP}\n# {number}", repository=number)
        world.create_pod(image, number)
        await world.until(is_ready, number)
    layers = world.practice.options.folder / "images" / "layers"
    assert len(list(layers.iterdir())) == 3


async def test_images_no_pod_names_are_forgotten_at_the_next_start(practice: Practice) -> None:
    async with node_running(practice) as world:
        world.create_pod(await push_app(world.registry, "kept"), "kept")
        world.create_pod(await push_app(world.registry, "gone", app=f"{WEB_APP}\n# gone"), "gone")
        await world.until(is_ready, "kept")
        await world.until(is_ready, "gone")
        world.objects.delete("pods", "default", "gone", grace_seconds=1)
        await world.until_gone("gone")
    async with node_running(practice) as world:
        await world.until(is_ready, "kept")
        images = practice.options.folder / "images"
        assert len([path for path in images.iterdir() if path.name != "layers"]) == 1
        assert len(list((images / "layers").iterdir())) == 2


async def test_port_of_an_ended_container_leads_nowhere(world: World) -> None:
    world.create_pod(await push_app(world.registry), restartPolicy="Never")
    await world.until(is_ready)
    await answers(world)
    with pytest.raises(httpx.HTTPError):
        await world.ask("/exit")
    pod = await world.until(lambda pod: pod["status"].get("phase") == "Failed")
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 7
    assert world.kubelet.address("default", "app", 5001) is None
    ports = world.practice.options.folder / "pods" / pod["metadata"]["uid"] / "ports"
    assert (ports / "5001").read_text() == ""


async def test_built_in_ai_service_needs_its_key(world: World) -> None:
    image = "ghcr.io/azure-samples/aks-store-demo/ai-service:latest"
    settings = {"USE_AZURE_OPENAI": "True", "AZURE_OPENAI_ENDPOINT": "https://127.0.0.1:9/"}
    settings["AZURE_OPENAI_DEPLOYMENT_NAME"] = "gpt"
    env = [{"name": name, "value": value} for name, value in settings.items()]
    world.create_pod(image, "keyless", container={"env": env})
    await world.until(waits_with("CrashLoopBackOff"), "keyless")
    log = world.kubelet.log_path("default", "keyless", "app", previous=True)
    assert log is not None
    assert "OPENAI_API_KEY environment variable must be set" in log.read_text()
    env = [*env, {"name": "OPENAI_API_KEY", "value": "a-key"}]
    world.create_pod(image, "keyed", container={"env": env, "readinessProbe": HEALTH})
    await world.until(is_ready, "keyed")
    product = {"name": "Rope", "tags": ["dog"]}
    answer = await world.ask("/generate/description", "keyed", method="POST", json=product)
    assert answer.status_code == 400  # this world has no Azure OpenAI
    assert answer.json()["error"]
