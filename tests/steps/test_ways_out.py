"""The commands that a rollout in trouble is mended with, as they are printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from steps_world import (
    CONTAINER,
    CREDENTIAL,
    FINISHED,
    NOW,
    POD,
    STATUS,
    TEMPLATE,
    but,
    judge_in,
)

from workshop_tui.authoring import (
    Condition,
    ContainerStatus,
    Deployment,
    FederatedCredentials,
    ManagedIdentity,
    Pods,
    PodSpec,
    Sightings,
)
from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from datetime import datetime


KUBECTL = "kubectl --namespace default"
LOGS = f"{KUBECTL} logs --selector app=ai-service --prefix --tail 50"
DESCRIBE = f"{KUBECTL} describe pod --selector app=ai-service"
RESTART = f"{KUBECTL} rollout restart deployment/ai-service"
ANEW = "workshop-tui solve redeploy"
BUILD = "workshop-tui solve build-push redeploy"
NOWHERE = (
    f"{KUBECTL} patch deployment ai-service --type merge -p"
    ' \'{"spec": {"template": {"spec": {"nodeSelector": null, "affinity": null}}}}\''
)
LATE = (Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing."),)
CRASHING = replace(
    STATUS, ready=False, state="waiting", reason="CrashLoopBackOff", restarts=3, last_exit_code=1
)
EXPIRATION = "azure.workload.identity/service-account-token-expiration"
NO_LIFETIME = (
    f"{KUBECTL} patch deployment ai-service --type merge -p "
    f'\'{{"spec": {{"template": {{"metadata": {{"annotations": {{"{EXPIRATION}": null}}}}}}}}}}\''
)
WEBHOOK = "azure-wi-webhook-webhook-service.kube-system.svc"
WEBHOOK_PODS = "deployment/azure-wi-webhook-controller-manager"
NOBODY = 'Get "http://10.0.0.5:5001/health": dial tcp 10.0.0.5:5001: connect: connection refused'
ELSEWHERE = "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)"
BY_IMAGE = (
    f"{KUBECTL} patch deployment ai-service -p"
    ' \'{"spec": {"template": {"spec": {"containers": [{"name": "mine", "command": null, "args": null}]}}}}\''
)
SUBJECT_REFUSED = (
    "AADSTS700213: No matching federated identity record found for presented assertion subject"
    " 'system:serviceaccount:default:ai-service-account'."
)
OLD_ISSUER = "AADSTS700211: No matching record found for presented assertion issuer 'https://issuer/before/'."
LATER = (
    "AADSTS700024: Current time: 2026-03-01T14:00:00Z, assertion valid from 2026-03-01T12:00:00Z,"
    " expiry time of assertion 2026-03-01T13:00:00Z."
)
OTHER_CREDENTIAL = but(FederatedCredentials, items=(replace(CREDENTIAL, subject="repo:a"),))


def crashing(
    log: str = "", status: ContainerStatus = CRASHING, spec: PodSpec = POD.spec
) -> dict[type, object]:
    pod = replace(POD, ready=False, log=log, statuses=(status,), spec=spec)
    return {**but(Deployment, available=0), Pods: Pods((pod,))}


def refused(message: str) -> dict[type, object]:
    conditions = (Condition("ReplicaFailure", "True", "FailedCreate", message),)
    return {**but(Deployment, available=0, conditions=conditions), Pods: Pods(())}


def but_refused(message: str) -> Deployment:
    deployment = refused(message)[Deployment]
    assert isinstance(deployment, Deployment)
    return deployment


def unscheduled(words: str) -> dict[type, object]:
    pod = replace(POD, ready=False, statuses=(), unscheduled=words)
    return {**but(Deployment, available=0), Pods: Pods((pod,))}


def probing(
    kind: str, *, named: bool = True, words: str = "", log: str = "", **status: Any
) -> dict[type, object]:
    words = words or "HTTP probe failed with statuscode: 404"
    event = f"Pod {POD.name}: Unhealthy: {kind} probe failed: {words}"
    pod = replace(POD, ready=False, log=log, statuses=(replace(STATUS, ready=False, **status),))
    containers = (replace(CONTAINER, name="mine"),) if named else ()
    changed = replace(TEMPLATE, containers=containers)
    return {**but(Deployment, available=0, template=changed), Pods: Pods((pod,), (event,))}


def patch(container: str, probe: str) -> str:
    asked = (
        '{"httpGet": {"path": "/health", "port": 5001, "scheme": "HTTP"}, "tcpSocket": null, "exec": null}'
    )
    entry = f'{{"name": "{container}", "{probe}": {asked}}}'
    body = f'{{"spec": {{"template": {{"spec": {{"containers": [{entry}]}}}}}}}}'
    return f"{KUBECTL} patch deployment ai-service -p '{body}'"


@pytest.mark.parametrize(
    ("cause", "world", "way"),
    [
        ("pod.crash-loop", crashing(), f"{LOGS}\n{ANEW}"),
        (
            "pod.image-pull",
            crashing(status=replace(CRASHING, reason="ErrImagePull")),
            f"{DESCRIBE}\nworkshop-tui solve build-push redeploy",
        ),
        (
            "pod.unschedulable",
            unscheduled("1 Insufficient cpu."),
            f"{KUBECTL} set resources deployment/ai-service --requests cpu=20m,memory=64Mi",
        ),
        *(
            (
                "pod.unschedulable",
                unscheduled(f"1 node(s) didn't match {what}."),
                NOWHERE,
            )
            for what in ("pod affinity rules", "node selector")
        ),
        ("pod.unschedulable", unscheduled("1 node(s) had untolerated taint {a: b}."), DESCRIBE),
        ("pod.probe-fails", probing("Readiness"), patch("mine", "readinessProbe")),
        ("pod.probe-fails", probing("Startup"), patch("mine", "startupProbe")),
        ("pod.probe-fails", probing("Liveness", named=False), patch("ai-service", "livenessProbe")),
        ("pod.wrong-port", probing("Readiness", words=NOBODY, log=ELSEWHERE), BY_IMAGE),
        # It was stopped for its probe before it could say where it listens.
        (
            "pod.probe-fails",
            probing("Liveness", words=NOBODY, restarts=1, last_exit_code=137),
            patch("mine", "livenessProbe"),
        ),
        ("pod.wrong-platform", crashing("exec /usr/bin/python: exec format error"), BUILD),
        ("pod.old-code", crashing("No module named 'azure'"), BUILD),
        ("live.assertion-expired", crashing(LATER), RESTART),
        (
            "live.token-exchange-refused",
            {**crashing(SUBJECT_REFUSED), **OTHER_CREDENTIAL},
            f"{LOGS}\n{RESTART}",
        ),
        ("live.no-credential", crashing("options are not fully configured"), LOGS),
        (
            "service-account.missing",
            refused('error looking up service account default/x: serviceaccount "x" not found'),
            f"{KUBECTL} get serviceaccounts",
        ),
        (
            "pod.admission-refused",
            refused("token expiration must be between 3600 and 86400"),
            f"{KUBECTL} annotate serviceaccount ai-service-account {EXPIRATION}- && {RESTART}",
        ),
        (
            "pod.admission-refused",
            {
                **refused("token expiration must be between 3600 and 86400"),
                Deployment: replace(
                    but_refused("token expiration must be between 3600 and 86400"),
                    template=replace(TEMPLATE, annotations={EXPIRATION: "60"}),
                ),
            },
            NO_LIFETIME,
        ),
        (
            "pod.admission-refused",
            refused(f"{WEBHOOK}: no endpoints available for service"),
            f"kubectl --namespace kube-system scale {WEBHOOK_PODS} --replicas 2",
        ),
        *(
            (
                "pod.admission-refused",
                refused(words),
                f"{KUBECTL} describe replicaset --selector app=ai-service\n{ANEW}",
            )
            for words in (
                f"{WEBHOOK}: denied the request",
                "another webhook: no endpoints available for service",
            )
        ),
        (
            "pod.admission-refused",
            refused("exceeded quota"),
            f"{KUBECTL} describe replicaset --selector app=ai-service\n{ANEW}",
        ),
        (
            "pod.rollout-stuck",
            {
                **crashing(status=replace(STATUS, ready=False)),
                **but(Deployment, available=0, conditions=LATE),
            },
            f"{DESCRIBE}\n{ANEW}",
        ),
        (
            "pod.out-of-memory",
            crashing(status=replace(CRASHING, last_reason="OOMKilled")),
            f"{KUBECTL} set resources deployment/ai-service --limits memory=128Mi",
        ),
        ("pod.outdated-issuer", crashing(OLD_ISSUER), RESTART),
        # Trying again does not help: the tokens of those pods are of the issuer of before.
        (
            "pod.outdated-issuer",
            crashing(OLD_ISSUER, status=replace(CRASHING, last_finished=NOW - timedelta(minutes=1))),
            RESTART,
        ),
        ("pod.outdated-sign-in", crashing(SUBJECT_REFUSED), RESTART),
    ],
)
async def test_the_way_out_of_a_rollout_in_trouble(cause: str, world: dict[type, object], way: str) -> None:
    finding = await judge_in("redeploy/rolled-out", {**FINISHED, **world})
    assert (finding.verdict, finding.cause) == (Verdict.FAILED, cause)
    assert finding.command == way


async def test_an_old_issuer_is_not_mended_by_waiting_for_a_young_credential() -> None:
    young: dict[type, object] = {Sightings: Sightings({CREDENTIAL.sighting: NOW - timedelta(seconds=30)})}
    assert (
        await judge_in("redeploy/rolled-out", {**FINISHED, **crashing(OLD_ISSUER), **young})
    ).cause == "pod.outdated-issuer"
    finding = await judge_in("redeploy/rolled-out", {**FINISHED, **crashing(SUBJECT_REFUSED), **young})
    assert (finding.cause, finding.until) == ("federation.propagating", NOW + timedelta(seconds=90))


def ended(
    *moments: datetime | None, state: str = "waiting", beside: tuple[ContainerStatus, ...] = ()
) -> dict[type, object]:
    pods = tuple(
        replace(
            POD,
            name=f"pod-{number}",
            ready=False,
            log=SUBJECT_REFUSED,
            statuses=(replace(CRASHING, state=state, last_finished=moment), *beside),
        )
        for number, moment in enumerate(moments)
    )
    return {**but(Deployment, available=0), Pods: Pods(pods)}


async def test_a_crashed_container_is_tried_again_within_five_minutes_of_the_last() -> None:
    minute = timedelta(minutes=1)
    for world, until in (
        (ended(NOW - minute), NOW + 4 * minute),
        (ended(NOW - 9 * minute, NOW - minute, None), NOW + 4 * minute),
        (ended(NOW - minute, NOW - 9 * minute), NOW + 4 * minute),
        (ended(NOW - 5 * minute), None),
        (ended(None), None),
        # One that is ready is not tried again, whenever it ended.
        (ended(None, beside=(replace(STATUS, name="sidecar", last_finished=NOW - minute),)), None),
        # Seen live: between two tries it is terminated for a moment, or runs and is not ready.
        (ended(NOW - minute, state="terminated"), NOW + 4 * minute),
        (ended(NOW - minute, state="running"), NOW + 4 * minute),
    ):
        finding = await judge_in("redeploy/rolled-out", {**FINISHED, **world})
        assert (finding.cause, finding.until) == ("pod.outdated-sign-in", until)
        assert finding.verdict is (Verdict.PENDING if until else Verdict.FAILED)


@pytest.mark.parametrize(
    "own", ["abcdefab-2222-4222-8222-222222222222", "ABCDEFAB-2222-4222-8222-222222222222"]
)
async def test_whom_the_pods_sign_in_as_is_compared_without_letter_case(own: str) -> None:
    environment = tuple(
        replace(item, value=type(item.value)(own.swapcase())) if item.name == "AZURE_CLIENT_ID" else item
        for item in POD.spec.containers[0].environment
    )
    spec = replace(POD.spec, containers=(replace(POD.spec.containers[0], environment=environment),))
    world = {**crashing(SUBJECT_REFUSED, spec=spec), **but(ManagedIdentity, client_id=own)}
    assert (await judge_in("redeploy/rolled-out", {**FINISHED, **world})).cause == "pod.outdated-sign-in"
