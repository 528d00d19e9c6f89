"""How a rollout's state is told from the objects that take part in it."""

from __future__ import annotations

from typing import Any

import pytest

from workshop_tui.authoring import Working
from workshop_tui.cloud.rollout import last_error_in
from workshop_tui.cloud.rollout_state import RolloutState


def deployment(*, generation: int = 2, observed: int = 2, **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "app", "uid": "u", "generation": generation},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": observed, **status},
    }


DONE = {"updatedReplicas": 1, "replicas": 1, "availableReplicas": 1}
OLD_LEFT = {"updatedReplicas": 1, "replicas": 2, "availableReplicas": 1}


def replica_set(revision: int, template_hash: str, *, failing: bool) -> dict[str, Any]:
    conditions = [{"type": "ReplicaFailure", "status": "True"}] if failing else []
    return {
        "status": {"conditions": conditions},
        "metadata": {
            "name": f"app-{template_hash}",
            "labels": {"pod-template-hash": template_hash},
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": [{"uid": "u"}],
        },
    }


def pod(template_hash: str, **container_status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": f"app-{template_hash}-x", "labels": {"pod-template-hash": template_hash}},
        "status": {"phase": "Pending", "containerStatuses": [{"name": "c", **container_status}]},
    }


def state_of(
    found: dict[str, Any], *pods: dict[str, Any], failing: tuple[str, ...] = ("old", "new")
) -> RolloutState:
    state = RolloutState("app")
    state.take("Deployment", "LISTED", {"items": [found]})
    sets = [replica_set(number, name, failing=name in failing) for number, name in ((1, "old"), (2, "new"))]
    state.take("ReplicaSet", "LISTED", {"items": sets})
    state.take("Pod", "LISTED", {"items": list(pods)})
    return state


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"ready": False, "state": {"waiting": {"reason": reason, "message": message}}, **more}


def test_nothing_is_complete_before_it_is_seen() -> None:
    assert not state_of(deployment(observed=1, **DONE)).complete
    assert state_of(deployment(**DONE)).complete
    assert not state_of(deployment(**OLD_LEFT)).complete
    assert not RolloutState("app").complete


def test_words_tell_what_is_waited_for() -> None:
    assert "Waiting for the change to be seen" in state_of(deployment(observed=1)).words(None)
    assert state_of(deployment()).words(None) == "0 of 1 new pods are made."
    rolling = state_of(deployment(**OLD_LEFT), pod("new", **waiting("ContainerCreating")), pod("old"))
    assert rolling.words(None) == "1 old pods are still ending."
    assert rolling.pods() == [Working("app-new-x waits (ContainerCreating)", None, "app-new-x")]


@pytest.mark.parametrize(
    ("status", "key", "final"),
    [
        (waiting("ErrImagePull", "registry hiccup"), "image app-new-x", False),
        (waiting("ImagePullBackOff", "x:1h: not found"), "image app-new-x", True),
        (waiting("CreateContainerConfigError", 'secret "s" not found'), "container app-new-x", True),
        (waiting("CrashLoopBackOff", restartCount=4), "crash app-new-x", True),
    ],
)
def test_troubles_of_new_pods(status: dict[str, Any], key: str, final: bool) -> None:  # noqa: FBT001 - a table
    trouble = state_of(deployment(), pod("new", **status)).trouble()
    assert trouble is not None
    assert (trouble.key, trouble.final) == (key, final)


def test_what_is_no_trouble_of_this_rollout() -> None:
    # A first crash may be a federated credential that is not seen yet; an old pod is on its way out.
    assert state_of(deployment(), pod("new", **waiting("CrashLoopBackOff", restartCount=1))).trouble() is None
    assert state_of(deployment(), pod("old", **waiting("ErrImagePull"))).trouble() is None
    assert state_of(deployment(observed=1), pod("new", **waiting("ErrImagePull"))).trouble() is None


@pytest.mark.parametrize(
    ("condition", "said", "final"),
    [
        (
            {"type": "ReplicaFailure", "status": "True", "message": 'serviceaccount "x" not found'},
            "No pod can be made",
            True,
        ),
        (
            {"type": "ReplicaFailure", "status": "True", "message": "failed calling webhook: EOF"},
            "failed calling webhook",
            False,
        ),
        (
            {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "m"},
            "does not go on",
            True,
        ),
    ],
)
def test_troubles_of_the_deployment(
    condition: dict[str, str],
    said: str,
    final: bool,  # noqa: FBT001 - a table
) -> None:
    trouble = state_of(deployment(conditions=[condition])).trouble()
    assert trouble is not None
    assert said in trouble.what
    assert trouble.final is final


def test_a_missing_service_account_that_has_come_by_now_is_waited_for() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": 'serviceaccount "x" not found'}
    trouble = state_of(deployment(conditions=[failure]), failing=("old",)).trouble()
    assert trouble is not None
    assert not trouble.final


def test_an_older_replica_set_is_not_taken_for_the_newest() -> None:
    # The last apply went back to an earlier pod template: that ReplicaSet's new revision is not heard of yet,
    # and the failing one looks the newest.
    failure = {"type": "ReplicaFailure", "status": "True", "message": 'serviceaccount "x" not found'}
    found = deployment(conditions=[failure])
    found["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "3"}
    found["spec"]["template"] = {"spec": {"serviceAccountName": "x"}}
    trouble = state_of(found).trouble()
    assert trouble is not None
    assert not trouble.final
    assert trouble.service_account == "x"


def test_what_is_deleted_is_forgotten() -> None:
    state = state_of(deployment(**DONE))
    state.take("Deployment", "DELETED", deployment())
    trouble = state.trouble()
    assert trouble is not None
    assert trouble.final


def test_the_last_words_are_azures_where_there_are_any() -> None:
    log = "starting\nazure.core: AADSTS700213: No matching record\nTraceback\n  at line 3\n"
    assert last_error_in(log) == "azure.core: AADSTS700213: No matching record"
    assert last_error_in("a\nb\n\n") == "b"
    assert last_error_in("") == ""
