"""Rollouts of real pods: what stays, what goes, and what the Deployment says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aks_world import deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aks_world import Aks

READY = {"httpGet": {"path": "/", "port": 5001}, "periodSeconds": 1}
PODS = ("get", "pods", "-l", "app=rolled", "-o")


@pytest.fixture(scope="module")
def image(aks: Aks) -> str:
    return aks.push("rolled")


@pytest.fixture(autouse=True)
def _tidy(aks: Aks) -> Iterator[None]:
    yield
    aks.kubectl("delete", "deployment", "rolled", "--ignore-not-found")


def conditions_of(aks: Aks) -> dict[str, dict[str, Any]]:
    return {each["type"]: each for each in aks.get("deployment/rolled")["status"]["conditions"]}


def test_the_old_pod_stays_until_the_new_one_is_ready(aks: Aks, image: str) -> None:
    wanted = deployment("rolled", image, readinessProbe=READY, of_deployment={"progressDeadlineSeconds": 250})
    aks.apply(wanted)
    aks.kubectl("rollout", "status", "deployment/rolled", "--timeout=40s")
    conditions = conditions_of(aks)
    assert conditions["Available"]["message"] == "Deployment has minimum availability."
    assert conditions["Progressing"]["reason"] == "NewReplicaSetAvailable"
    assert conditions["Progressing"]["message"].endswith(" has successfully progressed.")
    aks.kubectl("set", "image", "deployment/rolled", f"app={aks.learner.cloud['registry']}/nobody:1h")
    told = aks.kubectl("rollout", "status", "deployment/rolled", "--timeout=40s", fails=True)
    assert 'error: deployment "rolled" exceeded its progress deadline' in told
    rows = aks.kubectl("get", "pods", "-l", "app=rolled").splitlines()[1:]
    assert sorted(row.split()[1] for row in rows) == ["0/1", "1/1"]
    assert conditions_of(aks)["Available"]["status"] == "True"
    aks.kubectl("rollout", "undo", "deployment/rolled")
    aks.kubectl("rollout", "status", "deployment/rolled", "--timeout=40s")
    assert "Scaled down replica set rolled-" in aks.events("deployment/rolled", "ScalingReplicaSet")


def test_recreate_ends_the_old_before_it_starts_the_new(aks: Aks, image: str) -> None:
    recreate = {"strategy": {"type": "Recreate"}, "minReadySeconds": 20}
    aks.apply(deployment("rolled", image, readinessProbe=READY, of_deployment=recreate))
    aks.kubectl("rollout", "status", "deployment/rolled", "--timeout=40s")
    first = aks.kubectl(*PODS, "name")
    aks.kubectl("rollout", "restart", "deployment/rolled")
    aks.kubectl("rollout", "status", "deployment/rolled", "--timeout=40s")
    second = aks.kubectl(*PODS, "name")
    assert first != second
    assert len(second.split()) == 1
    created = aks.get("events", "--field-selector", "reason=SuccessfulCreate")["items"]
    assert second.strip().removeprefix("pod/") in str(created)


def test_a_pod_is_available_once_it_has_been_ready_long_enough(aks: Aks, image: str) -> None:
    slow = {"minReadySeconds": 150}  # three real seconds
    aks.apply(deployment("rolled", image, readinessProbe=READY, of_deployment=slow))
    aks.await_value("deployment/rolled", ".status.readyReplicas", "1")
    status = aks.get("deployment/rolled")["status"]
    assert "availableReplicas" not in status
    assert status["unavailableReplicas"] == 1
    aks.kubectl("wait", "--for=condition=Available", "deployment/rolled", "--timeout=40s")


def test_only_so_many_old_replica_sets_are_kept(aks: Aks, image: str) -> None:
    aks.apply(deployment("rolled", image, of_deployment={"revisionHistoryLimit": 1, "replicas": 0}))
    for number in range(3):
        aks.kubectl("set", "env", "deployment/rolled", f"NUMBER={number}")
    aks.until(lambda printed: len(printed.split()) == 2, "get", "rs", "-l", "app=rolled", "-o", "name")
    listed = aks.kubectl("rollout", "history", "deployment/rolled").split()
    assert listed[-4:] == ["3", "<none>", "4", "<none>"]
