"""What the checks quote: the words of events, states and logs that the world itself has for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import CONTAINER, KEY, NOW, POD, STATUS, Case, answer, but, grant, variable

from workshop_tui.authoring import (
    AppLog,
    ClusterDescription,
    Condition,
    ContainerStatus,
    Deployment,
    IdentityRoles,
    OpenAIAccount,
    Pods,
    Sensitive,
    Unreadable,
)
from workshop_tui.findings import Verdict

ROLLED, IN_CLUSTER = "redeploy/rolled-out", "verify/answers-in-cluster"
CREATING = 'ReplicaSet ai-service-6d5f: FailedCreate: Error creating: pods "ai-service-6d5f-" is forbidden'
REFUSED = Condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota: pods")
PULLING = 'Back-off pulling image "ttl.sh/x:1h"'
NOT_FOUND = 'Failed to pull image "ttl.sh/x:1h": ttl.sh/x:1h: not found'
TRACE = """\
INFO:     127.0.0.1 - "POST /generate/description HTTP/1.1" 500 Internal Server Error
Traceback (most recent call last):
  File "/app/main.py", line 1, in <module>
openai.AuthenticationError: Error code: 401 - (PermissionDenied) lacks the required data action
"""
OLD_ISSUER = "AADSTS700211: No matching record for presented assertion issuer 'https://old.example.org/'."
SERVER_ERROR = answer(ClusterDescription, 500, "", "Internal Server Error")


def _waiting(reason: str, message: str, *warnings: str) -> dict[type, object]:
    status = replace(STATUS, ready=False, state="waiting", reason=reason, message=message)
    return _pods(status, *warnings)


def _pods(status: ContainerStatus, *warnings: str) -> dict[type, object]:
    new = replace(POD, ready=False, statuses=(status,))
    return {**but(Deployment, available=0), Pods: Pods((new,), warnings)}


CRASHED = replace(
    STATUS,
    ready=False,
    state="waiting",
    reason="CrashLoopBackOff",
    message="back-off 40s restarting failed container",
    restarts=3,
    last_exit_code=3,
)
NONE: dict[type, object] = {**but(Deployment, conditions=(REFUSED,)), Pods: Pods(())}

NOTED = '{"env": [{"name": "OPENAI_API_KEY", "value": "made up"}]}'
OPEN = but(OpenAIAccount, key_sign_in=True)
EXPOSED = replace(POD.spec, containers=(replace(CONTAINER, environment=(variable("OPENAI_API_KEY", KEY),)),))
OLD = Pods((POD,), (), (("ai-service-7f", EXPOSED), ("ai-service-8a", POD.spec)))
KEPT = (
    # A key that no pod gets is no fault of theirs; where it is kept is told, as long as it opens anything.
    Case(
        "redeploy/no-key",
        None,
        {**OPEN, **but(Deployment, last_applied=Sensitive(NOTED)), Pods: OLD},
        Verdict.PASSED,
        says="still in kubectl's last-applied-configuration and ReplicaSet ai-service-7f",
    ),
    Case(
        "redeploy/no-key",
        None,
        {**OPEN, **but(Deployment, last_applied=Sensitive(f'{{"args": ["{KEY}"]}}'))},
        Verdict.PASSED,
        says="of the pods; still in kubectl's last-applied-configuration",
    ),
    Case(
        "redeploy/no-key",
        None,
        {**OPEN, **but(Deployment, last_applied=Sensitive(f'{{"name": "PORT", "value": "80"}} {NOTED}'))},
        Verdict.PASSED,
        says="still in kubectl's last-applied-configuration",
    ),
    *(
        Case("redeploy/no-key", None, world, Verdict.PASSED, says="no key within reach ")
        for world in (
            {**but(Deployment, last_applied=Sensitive(NOTED)), Pods: OLD},
            {**OPEN, **but(Deployment, last_applied=Sensitive('{"name": "OPENAI_API_KEY", "value": ""}'))},
            {**OPEN, Pods: Unreadable("the pods", "no answer")},
        )
    ),
)

CASES = (
    *KEPT,
    # Why there is no pod, the ReplicaSet's events and the Deployment's condition say.
    *(
        Case(
            check,
            "app.no-pods",
            {Pods: Pods((), (CREATING,))},
            says=f"ai-service; {CREATING}",
        )
        for check in (
            "redeploy/injected",
            "verify/no-key-in-pods",
            "verify/identity-in-pods",
            "exposed-key/key-in-sight",
        )
    ),
    Case("redeploy/injected", "app.no-pods", NONE, says="no running pod of ai-service; exceeded quota: pods"),
    Case(
        "redeploy/injected",
        "app.no-pods",
        {Pods: Pods(())},
        says="pod of ai-service a running pod",
    ),
    # Before Kubernetes 1.32 a container that waits to pull again says no reason: the event before does.
    Case(
        ROLLED,
        "pod.image-pull",
        _waiting("ImagePullBackOff", PULLING, f"Pod {POD.name}: Failed: {NOT_FOUND}"),
        says=f"{POD.name}: {NOT_FOUND}",
    ),
    Case(
        ROLLED,
        "pod.image-pull",
        _waiting(
            "ImagePullBackOff", f"{PULLING}: ErrImagePull: of its own", f"Pod {POD.name}: Failed: {NOT_FOUND}"
        ),
        says="ErrImagePull: of its own",
    ),
    Case(
        ROLLED,
        "pod.image-pull",
        _waiting(
            "ImagePullBackOff", PULLING, f"Pod x: Failed: {NOT_FOUND}", f"Pod {POD.name}: Failed: Error"
        ),
        says=f"{POD.name}: {PULLING}",
    ),
    # A container that ended without a word: how it ended.
    Case(
        ROLLED,
        "pod.crash-loop",
        _pods(CRASHED),
        says="back-off 40s restarting failed container; its last run ended without a word, with exit code 3",
    ),
    # What a rollout under way waits for.
    Case(
        ROLLED,
        "pod.rolling",
        _waiting("ContainerCreating", ""),
        Verdict.PENDING,
        says=f"Pod {POD.name}: ContainerCreating",
    ),
    Case(
        ROLLED,
        "pod.rolling",
        _waiting("ContainerCreating", "", f"Pod {POD.name}: FailedMount: no such volume", "Pod x: y"),
        Verdict.PENDING,
        says=f"1 wanted; Pod {POD.name}: FailedMount: no such volume",
    ),
    # An app that answers no more than that it failed has the reason in its log.
    Case(
        IN_CLUSTER,
        "live.permission-denied",
        {**SERVER_ERROR, AppLog: AppLog(TRACE)},
        says="500 Internal Server Error; its log: openai.AuthenticationError: Error code: 401",
    ),
    Case(
        IN_CLUSTER,
        "role.propagating",
        {
            **SERVER_ERROR,
            AppLog: AppLog(TRACE),
            **but(IdentityRoles, grants=(grant(created=NOW - timedelta(minutes=1)),)),
        },
        Verdict.PENDING,
    ),
    Case(
        IN_CLUSTER,
        "pod.outdated-issuer",
        answer(ClusterDescription, 401, "AADSTS700211", OLD_ISSUER),
        command="rollout restart deployment/ai-service",
    ),
    Case(
        IN_CLUSTER,
        "live.no-answer",
        {**SERVER_ERROR, AppLog: AppLog("KeyError: 'choices'")},
        says="its log: KeyError: 'choices'",
    ),
    Case(
        IN_CLUSTER,
        "live.no-answer",
        {**SERVER_ERROR, AppLog: AppLog("INFO: 200 OK")},
        says="Server Error POST",
    ),
    Case(IN_CLUSTER, "live.no-answer", {**SERVER_ERROR, AppLog: Unreadable("the log", "forbidden")}),
    # What it answered itself is not doubted for its log.
    Case(
        IN_CLUSTER,
        "live.deployment-unknown",
        {**answer(ClusterDescription, 404, "DeploymentNotFound", "no such"), AppLog: AppLog(TRACE)},
    ),
)
