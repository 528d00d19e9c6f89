"""An app that is starting, or starting again after its pod was ended with its node: for how long it may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import NOW, POD, STATUS, Case, answer, but, pod

from workshop_tui.authoring import (
    ClusterClock,
    ClusterDescription,
    Condition,
    Deployment,
    Pods,
    ShopDescription,
)
from workshop_tui.findings import Verdict

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
IN_CLUSTER, SHOP, ROLLED = "verify/answers-in-cluster", "verify/answers-through-shop", "redeploy/rolled-out"


def _cluster(ahead: timedelta) -> dict[type, object]:
    """Return a world in which our clock is so far ahead of the cluster's."""
    return {ClusterClock: ClusterClock(ahead)}


def _silent(age: timedelta, ahead: timedelta = timedelta(0)) -> dict[type, object]:
    return {
        **answer(ClusterDescription, 503),
        **answer(ShopDescription, 503),
        **pod(created=NOW - age),
        **_cluster(ahead),
    }


STARTING = tuple(
    Case(check, cause, _silent(age, ahead), verdict)
    for check in (IN_CLUSTER, SHOP)
    for age, ahead, cause, verdict in (
        (89 * SECOND, 0 * SECOND, "pod.starting", Verdict.PENDING),
        (90 * SECOND, 0 * SECOND, "live.no-answer", Verdict.FAILED),
        (91 * SECOND, 0 * SECOND, "live.no-answer", Verdict.FAILED),
        (91 * SECOND, 2 * SECOND, "pod.starting", Verdict.PENDING),
        (89 * SECOND, -SECOND, "live.no-answer", Verdict.FAILED),
    )
)


def _again(running: timedelta, exit_code: int = 137) -> dict[type, object]:
    """Return a finished world whose pod was ended, as with its node, and has run again for so long."""
    status = replace(
        STATUS,
        ready=False,
        state="running",
        restarts=3,
        last_exit_code=exit_code,
        running_since=NOW - running,
    )
    again = replace(POD, ready=False, created=NOW - 99 * MINUTE, statuses=(status,))
    done = Condition("Progressing", "True", "NewReplicaSetAvailable", "done", NOW - 99 * MINUTE)
    return {
        **_silent(99 * MINUTE),
        **but(Deployment, available=0, conditions=(done,)),
        Pods: Pods((again,)),
    }


STARTING_AGAIN = (
    Case(ROLLED, "pod.rolling", _again(89 * SECOND), Verdict.PENDING),
    Case(ROLLED, "pod.rollout-stuck", _again(90 * SECOND), says="nothing has moved until"),
    Case(ROLLED, "pod.rolling", {**_again(91 * SECOND), **_cluster(2 * SECOND)}, Verdict.PENDING),
    Case(ROLLED, "pod.crash-loop", _again(10 * SECOND, exit_code=1)),
    *(
        Case(check, cause, world, verdict)
        for check in (IN_CLUSTER, SHOP)
        for cause, world, verdict in (
            ("pod.starting", _again(89 * SECOND), Verdict.PENDING),
            ("live.no-answer", _again(90 * SECOND), Verdict.FAILED),
            ("live.no-answer", _again(10 * SECOND, exit_code=1), Verdict.FAILED),
        )
    ),
)

CASES = (*STARTING, *STARTING_AGAIN)
