"""What a pod's states, its log and the cluster's events are taken for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from steps_world import CLIENT_ID, CONTAINER, DEPLOYMENT, FINISHED, INJECTED, POD, SETTINGS, STATUS, variable

from workshop_tui.authoring import Condition, Container, ManagedIdentity, Names, Pods, judge_injection
from workshop_tui.judgement.pods import (
    Trouble,
    app_container,
    client_id_in,
    is_rolling,
    missing_injection,
    no_pod_words,
    rollout_trouble,
    telling_line,
    waits_for,
)
from workshop_tui.judgement.probes import misdirected_probe, probe_field, restarts_for

if TYPE_CHECKING:
    from workshop_tui.findings import Finding

LATE = Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing.")
PROXY = Container("proxy", "envoy:1")


def trouble(
    log: str = "", *warnings: str, conditions: tuple[Condition, ...] = (), **status: Any
) -> Trouble | None:
    """Say what is wrong with a rollout whose one new pod has a container in that state."""
    pod = replace(POD, ready=False, log=log, statuses=(replace(STATUS, ready=False, **status),))
    deployment = replace(DEPLOYMENT, available=0, conditions=conditions)
    return rollout_trouble(deployment, Pods((pod,), warnings))


def cause(log: str = "", *warnings: str, **status: Any) -> str:
    found = trouble(log, *warnings, **status)
    return found.cause if found is not None else ""


@pytest.mark.parametrize(
    "reason",
    ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"],
)
def test_an_image_that_cannot_be_had(reason: str) -> None:
    assert trouble(state="waiting", reason=reason) == Trouble("pod.image-pull", f"{POD.name}: {reason}")
    assert trouble(state="waiting", reason=reason, message="no such tag") == Trouble(
        "pod.image-pull", f"{POD.name}: no such tag"
    )
    assert cause(state="running", reason=reason) == ""


@pytest.mark.parametrize(
    ("status", "stopped"),
    [
        ({"state": "waiting", "reason": "CrashLoopBackOff"}, True),
        ({"state": "waiting", "reason": "ContainerCreating"}, False),
        ({"state": "waiting", "reason": "PodInitializing", "last_exit_code": 1}, False),
        ({"state": "terminated", "reason": "Error"}, True),
        ({"state": "terminated", "reason": "Completed", "last_exit_code": 0}, True),
        ({"state": "running"}, False),
        ({"state": "running", "restarts": 1, "last_exit_code": 0}, False),
        ({"state": "running", "restarts": 1, "last_exit_code": 1}, True),
        ({"state": "running", "restarts": 2, "last_exit_code": 137}, False),
        ({"state": "running", "restarts": 2, "last_exit_code": 143}, False),
        ({"state": "running", "restarts": 2, "last_exit_code": 139}, True),
    ],
)
def test_a_container_that_stops_again_and_again(status: dict[str, Any], stopped: bool) -> None:  # noqa: FBT001 - a table's column
    assert cause(**status) == ("pod.crash-loop" if stopped else "")


def test_a_ready_container_is_in_no_trouble_and_hides_none_of_the_others() -> None:
    crashing = replace(STATUS, name="proxy", ready=False, state="waiting", reason="CrashLoopBackOff")
    pod = replace(POD, statuses=(replace(STATUS, restarts=3, last_exit_code=1), crashing))
    found = rollout_trouble(DEPLOYMENT, Pods((pod,)))
    assert found is not None
    assert found.cause == "pod.crash-loop"
    assert rollout_trouble(DEPLOYMENT, Pods((replace(pod, statuses=pod.statuses[:1]),))) is None


def test_what_is_killed_for_its_memory_is_not_killed_for_its_probe() -> None:
    probe = f"Pod {POD.name}: Unhealthy: Liveness probe failed: EOF"
    crashing = {"state": "waiting", "reason": "CrashLoopBackOff", "last_exit_code": 137}
    assert cause("", probe, **crashing) == "pod.probe-fails"
    assert cause("", probe, **crashing, last_reason="OOMKilled") == "pod.out-of-memory"
    assert cause("", probe, state="terminated", reason="OOMKilled") == "pod.out-of-memory"
    # It runs again, and was stopped in good order before: an app that is starting fails its probes, too.
    assert cause("", probe, state="running", restarts=1, last_exit_code=0) == ""


@pytest.mark.parametrize(
    ("words", "restarts", "field"),
    [
        ("Liveness probe failed: EOF", True, "livenessProbe"),
        ("Startup probe failed: EOF", True, "startupProbe"),
        ("Readiness probe failed: EOF", False, "readinessProbe"),
        ("something else", False, "readinessProbe"),
    ],
)
def test_which_probe_the_kubelet_speaks_of(words: str, restarts: bool, field: str) -> None:  # noqa: FBT001 - a table's column
    assert restarts_for(words) is restarts
    assert probe_field(words) == field


@pytest.mark.parametrize(
    ("switch", "log", "expected"),
    [
        ("True", "ValueError: OPENAI_API_KEY environment variable must be set", "pod.old-code"),
        ("true", "ValueError: OPENAI_API_KEY is missing", "pod.old-code"),
        ("False", "ValueError: OPENAI_API_KEY environment variable must be set", "pod.crash-loop"),
        (None, "ValueError: OPENAI_API_KEY environment variable must be set", "pod.crash-loop"),
        ("True", "ValueError: something else", "pod.crash-loop"),
        (None, "ModuleNotFoundError: No module named 'azure'", "pod.old-code"),
        (None, "ModuleNotFoundError: No module named 'azure.identity'", "pod.old-code"),
        (None, "ModuleNotFoundError: No module named 'fastapi'", "pod.crash-loop"),
    ],
)
def test_an_image_of_before_is_known_by_what_it_says(switch: str | None, log: str, expected: str) -> None:
    kept = tuple(item for item in SETTINGS if item.name != "USE_AZURE_AD")
    chosen = () if switch is None else (variable("USE_AZURE_AD", switch),)
    spec = replace(POD.spec, containers=(replace(CONTAINER, environment=(*kept, *chosen)),))
    status = replace(STATUS, ready=False, state="waiting", reason="CrashLoopBackOff")
    pod = replace(POD, ready=False, log=log, statuses=(status,), spec=spec)
    found = rollout_trouble(DEPLOYMENT, Pods((pod,)))
    assert found is not None
    assert found.cause == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            'pods "a" is forbidden: error looking up service account default/x: serviceaccount "x" not found',
            True,
        ),
        ('admission webhook denied the request: serviceaccount "x" may not do that', False),
        ('admission webhook "y" failed: service "y" not found', False),
    ],
)
def test_why_no_pod_can_be_made(message: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    def refused(status: str, *pods: Any) -> Trouble | None:
        condition = Condition("ReplicaFailure", status, "FailedCreate", message)
        return rollout_trouble(replace(DEPLOYMENT, conditions=(condition,)), Pods(pods))

    wanted = "service-account.missing" if expected else "pod.admission-refused"
    assert refused("True") == Trouble(wanted, message)
    assert refused("True", replace(POD, current=False)) == Trouble(wanted, message)
    assert refused("True", POD) is None
    assert refused("False") is None


@pytest.mark.parametrize(
    "warning",
    ["Pod a: FailedScheduling: no preemption victims found", "0/1 nodes are available: 1 Insufficient cpu."],
)
def test_a_rollout_whose_time_is_over_quotes_the_scheduler(warning: str) -> None:
    late: dict[str, Any] = {"state": "waiting", "reason": "ContainerCreating", "conditions": (LATE,)}
    assert trouble("", "Pod a: Pulled: all is well", warning, **late) == Trouble("pod.rollout-stuck", warning)
    assert trouble("", "Pod a: Pulled: all is well", **late) == Trouble("pod.rollout-stuck", LATE.message)
    assert trouble("", warning, state="waiting", reason="ContainerCreating") is None


@pytest.mark.parametrize("wanting", ["node affinity", "node selector", "untolerated taint"])
def test_room_that_is_being_made_mends_no_rule_about_nodes(wanting: str) -> None:
    def unscheduled(words: str, *others: Any) -> Trouble | None:
        pod = replace(POD, ready=False, statuses=(), unscheduled=words)
        return rollout_trouble(DEPLOYMENT, Pods((pod, *others)))

    leaving = replace(POD, name="old", deleting=True, current=False)
    room = "0/1 nodes are available: 1 Insufficient cpu."
    assert unscheduled(room, leaving) is None
    for words, others in (
        (room, ()),
        (room, (replace(leaving, deleting=False),)),
        (f"{room} 1 node(s) did not match {wanting}.", (leaving,)),
        ("0/1 nodes are available: 1 node(s) were unschedulable.", (leaving,)),
    ):
        assert unscheduled(words, *others) == Trouble("pod.unschedulable", f"{POD.name}: {words}")


def test_pods_are_on_their_way_while_nothing_says_that_they_cannot_come() -> None:
    coming = replace(DEPLOYMENT, available=0)
    starting = replace(POD, ready=False, statuses=(replace(STATUS, ready=False),))
    crashing = replace(starting, statuses=(replace(STATUS, ready=False, state="terminated"),))
    assert is_rolling(coming, Pods((starting,)))
    assert not is_rolling(coming, Pods((crashing,)))
    assert not is_rolling(DEPLOYMENT, Pods((POD,)))
    assert not is_rolling(replace(coming, wanted=0), Pods(()))


def test_the_line_of_a_log_that_tells_most() -> None:
    assert telling_line("  starting  \n\n  azure.core.HttpException: no  \n  stopping  \n") == (
        "azure.core.HttpException: no"
    )
    assert telling_line("ValueError: one\nKeyError: two\nbye") == "KeyError: two"
    assert telling_line("\n  starting \n\n  the end  \n \n") == "the end"


def test_what_the_webhook_has_put_in() -> None:
    names = tuple(item.name for item in INJECTED)
    whole = replace(CONTAINER, environment=INJECTED)
    assert missing_injection(whole) == ()
    assert missing_injection(CONTAINER) == names
    assert missing_injection(replace(CONTAINER, environment=(*INJECTED, variable(names[1], "")))) == (
        names[1],
    )
    assert client_id_in(whole) == CLIENT_ID
    assert client_id_in(CONTAINER) == ""


def _injection(*pods: Any, client_id: str = CLIENT_ID) -> Finding | None:
    identity: ManagedIdentity = FINISHED[ManagedIdentity]
    names: Names = FINISHED[Names]
    return judge_injection(pods, replace(identity, client_id=client_id), names)


def test_injection_is_judged_in_every_pod_and_letter_case_does_not_count() -> None:
    one, two = _injection(POD), _injection(POD, POD)
    assert _injection() is None
    assert one is not None
    assert " in 1 running pod, " in one.observed
    assert two is not None
    assert " in 2 running pods, " in two.observed
    identity = "ABCDEFAB-2222-4222-8222-222222222222"
    environment = (*INJECTED[1:], variable("AZURE_CLIENT_ID", identity.lower()))
    lower = replace(POD, spec=replace(POD.spec, containers=(replace(CONTAINER, environment=environment),)))
    upper = replace(
        POD,
        spec=replace(
            POD.spec,
            containers=(
                replace(CONTAINER, environment=(*INJECTED[1:], variable("AZURE_CLIENT_ID", identity))),
            ),
        ),
    )
    for pod, client_id in ((lower, identity), (upper, identity.lower())):
        found = _injection(pod, client_id=client_id)
        assert found is not None
        assert found.cause is None


def test_a_pod_without_the_apps_container_names_those_it_has() -> None:
    found = _injection(replace(POD, spec=replace(POD.spec, containers=(PROXY, replace(PROXY, name="b")))))
    assert found is not None
    assert found.observed.endswith("has no container ai-service: proxy, b")
    empty = _injection(replace(POD, spec=replace(POD.spec, containers=())))
    assert empty is not None
    assert empty.observed.endswith("has no container ai-service: none")
    assert (
        app_container(replace(POD.spec, containers=(replace(PROXY, init=True), CONTAINER)), "x") is CONTAINER
    )


def test_the_way_out_of_a_pod_that_was_not_injected_hangs_on_its_label() -> None:
    bare = replace(POD.spec, containers=(CONTAINER,))
    labelled, other = (
        _injection(replace(POD, spec=bare)),
        _injection(replace(POD, spec=replace(bare, labels={}))),
    )
    assert labelled is not None
    assert "rollout restart deployment/ai-service" in labelled.command
    assert other is not None
    assert "rollout restart" not in other.command
    assert other.remedy == "Put the label on the pod template; that makes the pods anew."


def test_a_crash_without_a_word_is_told_with_its_exit_code() -> None:
    crashing: dict[str, Any] = {"state": "waiting", "reason": "CrashLoopBackOff"}
    code = f"{POD.name}: CrashLoopBackOff; its last run ended without a word, with exit code 3"
    assert trouble(last_exit_code=3, **crashing) == Trouble("pod.crash-loop", code)
    assert trouble("KeyError", last_exit_code=3, **crashing) == Trouble(
        "pod.crash-loop", f"{POD.name}: KeyError"
    )
    assert trouble("", **crashing) == Trouble("pod.crash-loop", f"{POD.name}: CrashLoopBackOff")


def test_an_older_kubelet_tells_in_its_events_why_an_image_cannot_be_pulled() -> None:
    event = f'Pod {POD.name}: Failed: Failed to pull image "x": not found'
    waiting: dict[str, Any] = {"state": "waiting", "reason": "ImagePullBackOff"}
    old = 'Back-off pulling image "x"'
    new = f"{old}: ErrImagePull: no such tag"
    others = (f"Pod {POD.name}: Failed: Error: ErrImagePull", 'Pod other: Failed: Failed to pull image "y"')

    def words(message: str, *warnings: str) -> str:
        found = trouble("", *warnings, message=message, **waiting)
        assert found is not None
        return found.words

    assert words(old, *others, event) == f'{POD.name}: Failed to pull image "x": not found'
    assert words(old, *others) == f"{POD.name}: {old}"
    assert words(new, event) == f"{POD.name}: {new}"
    assert words("no such tag", event) == f"{POD.name}: no such tag"


def test_why_no_pod_runs_is_quoted_where_the_cluster_says_so() -> None:
    def told(status: str, *warnings: str) -> str:
        condition = Condition("ReplicaFailure", status, "FailedCreate", "exceeded quota")
        return no_pod_words(replace(DEPLOYMENT, conditions=(condition,)), Pods((), warnings))

    assert told("True", "Pod a: x") == "no running pod of ai-service; exceeded quota"
    assert told("False", "Pod a: x") == "no running pod of ai-service; Pod a: x"
    assert told("False") == "no running pod of ai-service"
    assert no_pod_words(DEPLOYMENT, Pods(())) == "no running pod of ai-service"


def test_what_the_newest_pod_waits_for() -> None:
    creating = replace(STATUS, ready=False, state="waiting", reason="ContainerCreating")
    sidecar = replace(STATUS, name="proxy", reason="Started")
    new = replace(POD, name="new", ready=False, statuses=(sidecar, creating))
    bare = replace(POD, name="bare", ready=False, statuses=(replace(creating, reason=""),))
    ready = replace(POD, name="ready", statuses=(creating,))
    old = replace(new, name="old", current=False)
    assert waits_for(Pods((ready, old, bare, new))) == "Pod new: ContainerCreating"
    assert waits_for(Pods((new,), ("Pod other: Pulling", "Pod new: Pulling: x"))) == "Pod new: Pulling: x"
    assert waits_for(Pods((ready, old, bare))) == ""


def test_nothing_is_said_of_a_probe_that_did_not_fail() -> None:
    assert misdirected_probe(Pods((POD,)), POD) == ""
