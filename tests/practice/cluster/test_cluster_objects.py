"""The object store by itself: what survives, what watchers see, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from workshop_tui.practice.cluster.events import Events
from workshop_tui.practice.cluster.history import KEPT
from workshop_tui.practice.cluster.objects import Objects
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.context import Clock
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A practice store of the test's own."""
    opened = Store(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def config_map(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": data}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec}


def test_everything_is_there_after_a_restart(store: Store) -> None:
    before = Objects(store, Clock())
    kept = before.create("configmaps", config_map("kept", a="1"))
    before.create("configmaps", config_map("gone"))
    before.delete("configmaps", "default", "gone")
    after = Objects(store, Clock())
    assert after.get("configmaps", "default", "kept") == kept
    assert after.find("configmaps", "default", "gone") is None
    newer = after.create("configmaps", config_map("newer"))
    assert int(newer["metadata"]["resourceVersion"]) == before.version + 1


def test_what_is_returned_is_a_copy(store: Store) -> None:
    objects = Objects(store, Clock())
    objects.create("configmaps", config_map("one", a="1"))["data"]["a"] = "changed"
    objects.get("configmaps", "default", "one")["data"]["a"] = "changed"
    objects.list("configmaps")[0]["data"]["a"] = "changed"
    assert objects.get("configmaps", "default", "one")["data"] == {"a": "1"}


def test_a_pod_on_a_node_goes_gently(store: Store) -> None:
    objects = Objects(store, Clock())
    objects.create("pods", pod("waiting"))
    objects.delete("pods", "default", "waiting")
    assert objects.find("pods", "default", "waiting") is None
    placed = objects.create("pods", pod("placed", nodeName="node"))
    going = objects.delete("pods", "default", "placed")
    assert going["metadata"]["deletionGracePeriodSeconds"] == 30
    objects.update_status("pods", going | {"status": {"phase": "Running"}})
    assert objects.find("pods", "default", "placed")
    with pytest.raises(ApiError, match="Precondition failed"):
        objects.delete("pods", "default", "placed", uid="another", grace_seconds=0)
    objects.delete("pods", "default", "placed", uid=placed["metadata"]["uid"], grace_seconds=0)
    assert objects.find("pods", "default", "placed") is None


def test_the_last_finalizer_lets_an_object_go(store: Store) -> None:
    objects = Objects(store, Clock())
    held = config_map("held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    objects.create("configmaps", held)
    going = objects.delete("configmaps", "default", "held")
    assert "deletionTimestamp" in going["metadata"]
    going["metadata"]["finalizers"] = []
    objects.replace("configmaps", going)
    assert objects.find("configmaps", "default", "held") is None


def test_old_changes_are_forgotten(store: Store) -> None:
    objects = Objects(store, Clock())
    start = objects.version
    for number in range(KEPT + 2):
        objects.create("configmaps", config_map(f"n{number}"))
    with pytest.raises(ApiError, match="too old resource version") as refused:
        objects.history.subscribe(since=start)
    assert (refused.value.code, refused.value.reason) == (410, "Expired")
    assert len(list(objects.history.since(start + 2))) == KEPT


async def test_a_watch_misses_nothing(store: Store) -> None:
    objects = Objects(store, Clock())
    objects.create("configmaps", config_map("first"))
    changes = objects.watch("configmaps", "default")
    assert (await anext(changes)).object["metadata"]["name"] == "first"
    objects.create("configmaps", config_map("second"))
    objects.delete("configmaps", "default", "second")
    assert [(await anext(changes)).type for _ in range(2)] == ["ADDED", "DELETED"]
    objects.history.close()
    assert [change async for change in changes] == []


def test_equal_events_are_counted(store: Store) -> None:
    objects = Objects(store, Clock())
    regarding = objects.create("pods", pod("one"))
    events = Events(objects, Clock())
    for _ in range(3):
        events.record(regarding, type_="Warning", reason="BackOff", message="again", component="kubelet")
    events.record(regarding, type_="Normal", reason="Pulled", message="once", component="kubelet")
    assert sorted(event["count"] for event in objects.list("events")) == [1, 3]
