"""The practice cluster, by the asynchronous Kubernetes clients: the official one and kubernetes_asyncio.

They were one program once, so that one test fits both; the few places where they differ are named.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

import pytest
from clients import RecordProperty, driven, package
from practice_world import SignedIn, write_kubeconfig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MERGE, JSON = "application/merge-patch+json", "application/json-patch+json"


@pytest.fixture(scope="module", params=["kubernetes.aio", "kubernetes_asyncio"])
def aio(request: pytest.FixtureRequest) -> Any:
    """The package of a client."""
    return pytest.importorskip(request.param, reason=f"{request.param} is not installed: it is NOT driven")


def part(aio: Any, name: str) -> Any:
    return importlib.import_module(f"{aio.__name__}.{name}")


@pytest.fixture
async def connection(aio: Any, learner: SignedIn, tmp_path: Path) -> AsyncIterator[Any]:
    kubeconfig = write_kubeconfig(learner, tmp_path)
    async with await part(aio, "config").new_client_from_config(str(kubeconfig)) as opened:
        yield opened


@pytest.fixture
async def namespace(aio: Any, connection: Any, fresh_name: str) -> AsyncIterator[str]:
    core = part(aio, "client").CoreV1Api(connection)
    await core.create_namespace({"metadata": {"name": fresh_name}})
    yield fresh_name
    await core.delete_namespace(fresh_name)


def say(record_property: RecordProperty, aio: Any, *commands: str) -> None:
    name, dot, module = aio.__name__.partition(".")
    driven(record_property, package(name).replace(name, f"{name}{dot}{module}"), *commands)


async def test_objects(aio: Any, connection: Any, namespace: str, record_property: RecordProperty) -> None:
    say(record_property, aio, "create", "read", "list", "patch (merge, JSON, strategic)", "replace", "delete")
    client = part(aio, "client")
    core = client.CoreV1Api(connection)
    labels = {"kind": "words"}
    await core.create_namespaced_config_map(
        namespace, {"metadata": {"name": "words", "labels": labels}, "data": {"a": "b"}}
    )
    with pytest.raises(client.ApiException) as refused:
        await core.create_namespaced_config_map(namespace, {"metadata": {"name": "words"}})
    assert refused.value.status == 409
    for content_type, patch in (
        (MERGE, {"data": {"c": "d"}}),
        (JSON, [{"op": "replace", "path": "/data/a", "value": "z"}]),
        ("application/strategic-merge-patch+json", {"metadata": {"annotations": {"by": "aio"}}}),
    ):
        await core.patch_namespaced_config_map("words", namespace, patch, _content_type=content_type)
    found = await core.read_namespaced_config_map("words", namespace)
    assert (found.data, found.metadata.annotations) == ({"a": "z", "c": "d"}, {"by": "aio"})
    found.data = {"only": "this"}
    await core.replace_namespaced_config_map("words", namespace, found)
    listed = await core.list_namespaced_config_map(namespace, label_selector="kind=words")
    assert [each.data for each in listed.items] == [{"only": "this"}]
    await core.delete_namespaced_config_map("words", namespace)
    with pytest.raises(client.ApiException) as gone:
        await core.read_namespaced_config_map("words", namespace)
    assert gone.value.status == 404


async def test_watch(aio: Any, connection: Any, namespace: str, record_property: RecordProperty) -> None:
    say(record_property, aio, "watch", "watch (resumed)")
    core = part(aio, "client").CoreV1Api(connection)
    watch = part(aio, "watch").Watch

    async def changes(version: str | None, count: int) -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []
        known = {} if version is None else {"resource_version": version}
        async with asyncio.timeout(30), watch() as opened:
            async for event in opened.stream(core.list_namespaced_config_map, namespace, **known):
                if event["object"].metadata.name.startswith("made"):
                    seen.append((event["type"], event["object"].metadata.name))
                if len(seen) == count:
                    break
        return seen

    before = (await core.list_namespaced_config_map(namespace)).metadata.resource_version
    watching = asyncio.create_task(changes(None, 2))
    await core.create_namespaced_config_map(namespace, {"metadata": {"name": "made-first"}})
    await core.create_namespaced_config_map(namespace, {"metadata": {"name": "made-second"}})
    assert await watching == [("ADDED", "made-first"), ("ADDED", "made-second")]
    await core.delete_namespaced_config_map("made-first", namespace)
    assert await changes(before, 3) == [
        ("ADDED", "made-first"),
        ("ADDED", "made-second"),
        ("DELETED", "made-first"),
    ]


async def test_logs(aio: Any, connection: Any, namespace: str, record_property: RecordProperty) -> None:
    """A log is followed until its pod is deleted."""
    say(record_property, aio, "logs", "logs (follow)")
    client = part(aio, "client")
    core, apps = client.CoreV1Api(connection), client.AppsV1Api(connection)
    image = (await apps.read_namespaced_deployment("product-service", "default")).spec.template.spec
    container = {"name": "app", "image": image.containers[0].image}
    await core.create_namespaced_pod(
        namespace, {"metadata": {"name": "talker"}, "spec": {"containers": [container]}}
    )
    async with asyncio.timeout(30):
        async with part(aio, "watch").Watch() as opened:
            async for event in opened.stream(core.list_namespaced_pod, namespace):
                if event["object"].status.phase == "Running":
                    break
        assert "simulated: " in await core.read_namespaced_pod_log("talker", namespace)
        followed = await follow(core, namespace)
        assert b"simulated: " in await followed.content.readline()
        await core.delete_namespaced_pod("talker", namespace)
        assert await followed.content.read() == b""
        followed.release()


async def follow(core: Any, namespace: str) -> Any:
    """Open the log as a stream: the clients name this differently."""
    plain = getattr(core, "read_namespaced_pod_log_without_preload_content", None)
    if plain is not None:
        return await plain("talker", namespace, follow=True)
    return await core.read_namespaced_pod_log("talker", namespace, follow=True, _preload_content=False)
