"""The rows of `kubectl get pods` in states that a rollout, a crash or a sidecar brings about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from workshop_tui.practice.cluster.tables.pods import cells

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
CRASHED = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:09:18Z"}}


def container(name: str = "app", **status: Any) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, **status}


def pod(
    *containers: dict[str, Any],
    first: tuple[dict[str, Any], ...] = (),
    sidecars: tuple[str, ...] = (),
    phase: str = "Running",
    conditions: tuple[str, ...] = (),
    going: bool = False,
) -> dict[str, Any]:
    made = "2026-01-01T00:00:00Z"
    metadata: dict[str, Any] = {"name": "web", "creationTimestamp": made}
    if going:
        metadata["deletionTimestamp"] = made
    beside = {name: {"restartPolicy": "Always"} for name in sidecars}
    return {
        "metadata": metadata,
        "spec": {
            "containers": [{"name": each["name"]} for each in containers],
            "initContainers": [{"name": each["name"], **beside.get(each["name"], {})} for each in first],
        },
        "status": {
            "phase": phase,
            "containerStatuses": list(containers),
            "initContainerStatuses": list(first),
            "conditions": [{"type": each, "status": "True"} for each in conditions],
        },
    }


READY = container(ready=True, state=RUNNING)
BACK_OFF = container(restartCount=3, state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState=CRASHED)
STARTING = container(state={"waiting": {"reason": "PodInitializing"}})


@pytest.mark.parametrize(
    ("object_", "ready", "status", "restarts"),
    [
        (pod(READY), "1/1", "Running", "0"),
        (pod(BACK_OFF), "0/1", "CrashLoopBackOff", "3 (42s ago)"),
        (pod(container(state=DONE), phase="Succeeded"), "0/1", "Completed", "0"),
        (pod(READY, container("job", state=DONE)), "1/2", "NotReady", "0"),
        (pod(READY, container("job", state=DONE), conditions=("Ready",)), "1/2", "Running", "0"),
        (pod(READY, going=True), "1/1", "Terminating", "0"),
        (pod(container(state=DONE), phase="Succeeded", going=True), "0/1", "Completed", "0"),
        (pod(STARTING, first=(container("a", state=RUNNING),)), "0/1", "Init:0/1", "0"),
        (
            pod(STARTING, first=(container("a", state=CRASHED, restartCount=2, lastState=CRASHED),)),
            "0/1",
            "Init:Error",
            "2 (42s ago)",
        ),
        (pod(READY, first=(container("a", state=DONE, restartCount=2),)), "1/1", "Running", "0"),
        (
            pod(
                READY, first=(container("side", ready=True, started=True, state=RUNNING),), sidecars=("side",)
            ),
            "2/2",
            "Running",
            "0",
        ),
        (pod(container(state={"terminated": {"signal": 9}})), "0/1", "Signal:9", "0"),
    ],
)
def test_rows_of_pods(object_: dict[str, Any], ready: str, status: str, restarts: str) -> None:
    assert cells(object_, NOW)[1:5] == [ready, status, restarts, "10m"]
