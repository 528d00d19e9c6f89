"""Pods in trouble, as the cluster tells of them."""

from __future__ import annotations

from dataclasses import replace

from steps_world import (
    CONTAINER,
    POD,
    STATUS,
    TEMPLATE,
    but,
)

from workshop_tui.authoring import (
    AppLog,
    Condition,
    ContainerStatus,
    Deployment,
    Pods,
)

ROLLED = "redeploy/rolled-out"
LATE = Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing.")
LISTENS = "INFO:     Uvicorn running on http://0.0.0.0:5001 (Press CTRL+C to quit)"
CRASHING = replace(
    STATUS, ready=False, state="waiting", reason="CrashLoopBackOff", restarts=3, last_exit_code=1
)
RUNNING = replace(STATUS, ready=False)
BARE = replace(POD.spec, containers=(CONTAINER,))


def event(words: str) -> str:
    return f"Pod {POD.name}: Unhealthy: {words}"


def rolling(
    status: ContainerStatus | None, log: str = "", *warnings: str, **changes: object
) -> dict[type, object]:
    """Return a rollout whose newest pod is not ready: its container's state, its log, events about it."""
    statuses = () if status is None else (status,)
    new = replace(POD, ready=False, statuses=statuses, log=log, **changes)  # type: ignore[arg-type]
    return {**but(Deployment, available=0), Pods: Pods((new,), warnings)}


def logged(text: str) -> dict[type, object]:
    return {AppLog: AppLog(text)}


def late(world: dict[type, object], **changes: object) -> dict[type, object]:
    return {**world, **but(Deployment, available=0, conditions=(LATE,), **changes)}


def limited(limit: str) -> dict[str, object]:
    return {"template": replace(TEMPLATE, containers=(replace(CONTAINER, memory_limit=limit),))}
