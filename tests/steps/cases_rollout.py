"""What each check of the rollout says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace

from cases_shared import NO_PODS, OLD, ROLLING, SUBJECT_REFUSED, YOUNG, without
from cases_verify import SERVICE, VERIFY
from steps_world import (
    CONTAINER,
    CREDENTIAL,
    INJECTED,
    LABEL,
    POD,
    PRINCIPAL_ID,
    SETTINGS,
    STATUS,
    Case,
    but,
    pod,
    pod_environment,
    variable,
)

from workshop_tui.authoring import (
    Condition,
    Deployment,
    FederatedCredentials,
    Pods,
)
from workshop_tui.findings import Verdict

PAUSED = Condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
EXPIRATION = "azure.workload.identity/service-account-token-expiration"
TOO_SHORT = (
    'admission webhook "mutation.azure-workload-identity.io" denied the request: token expiration 600 not'
    " valid. Expected value to be between 3600 and 86400"
)


def _unready(**changes: object) -> dict[type, object]:
    """Return a rollout whose newest pod is not ready, with this container status."""
    status = replace(STATUS, ready=False, **changes)  # type: ignore[arg-type]
    return {**but(Deployment, available=0), Pods: Pods((replace(POD, ready=False, statuses=(status,)),))}


def _crashed(log: str) -> dict[type, object]:
    world = _unready(state="waiting", reason="CrashLoopBackOff", restarts=3, last_exit_code=1)
    pods = world[Pods]
    assert isinstance(pods, Pods)
    return {**world, Pods: Pods((replace(pods.items[0], log=log),))}


def _annotated(name: str, value: str, world: dict[type, object]) -> dict[type, object]:
    """Return the world with an annotation on the Deployment's pod template."""
    deployment = world[Deployment]
    assert isinstance(deployment, Deployment)
    template = replace(deployment.template, annotations={name: value})
    return {**world, Deployment: replace(deployment, template=template)}


def _condition(kind: str, status: str, reason: str, message: str) -> dict[type, object]:
    condition = Condition(kind, status, reason, message)
    return {**but(Deployment, available=0, updated=0, conditions=(condition,)), **NO_PODS}


ROLLOUT = (
    Case("redeploy/rolled-out", "pod.rolling", ROLLING, Verdict.PENDING),
    Case("redeploy/rolled-out", "app.scaled-to-zero", but(Deployment, wanted=0)),
    Case(
        "redeploy/rolled-out",
        "app.paused",
        but(Deployment, paused=True, updated=0, conditions=(PAUSED,)),
        says="Deployment is paused",
        command="rollout resume deployment/ai-service",
    ),
    Case("redeploy/rolled-out", "app.paused", but(Deployment, paused=True, updated=1, replicas=2)),
    # Paused with nothing waiting: what runs is the latest, it is only not ready yet.
    Case("redeploy/rolled-out", "pod.rolling", but(Deployment, paused=True, available=0), Verdict.PENDING),
    Case(
        "redeploy/rolled-out",
        "pod.image-pull",
        _unready(state="waiting", reason="ErrImagePull", message="ttl.sh/x:1h: not found"),
        says="ttl.sh/x:1h: not found",
    ),
    Case(
        "redeploy/rolled-out",
        "pod.old-code",
        _crashed("Traceback …\nModuleNotFoundError: No module named 'azure'"),
        says="No module named 'azure'",
        command="workshop-tui solve build-push redeploy",
    ),
    Case(
        "redeploy/rolled-out",
        "pod.old-code",
        _crashed("Exception: OPENAI_API_KEY is missing from the environment"),
        says="OPENAI_API_KEY is missing",
    ),
    Case("redeploy/rolled-out", "pod.crash-loop", _crashed("No module named 'fastapi'"), says="fastapi"),
    Case("redeploy/rolled-out", "pod.crash-loop", _crashed("")),
    Case(
        "redeploy/rolled-out",
        "live.no-credential",
        _crashed("ValueError: The workload options are not fully configured. Missing: 'client_id'"),
    ),
    Case(
        "redeploy/rolled-out",
        "live.token-exchange-refused",
        {
            **_crashed(f"starting\n{SUBJECT_REFUSED}\nat exit"),
            FederatedCredentials: FederatedCredentials("i", (replace(CREDENTIAL, subject="system:x"),)),
        },
        says="no credential has the pod's subject",
    ),
    Case(
        "redeploy/rolled-out",
        "federation.propagating",
        {**_crashed(SUBJECT_REFUSED), **YOUNG},
        Verdict.PENDING,
    ),
    Case(
        "redeploy/rolled-out",
        "live.token-exchange-refused",
        {
            **_crashed(SUBJECT_REFUSED),
            **YOUNG,
            FederatedCredentials: FederatedCredentials("i", (replace(CREDENTIAL, subject="system:x"),)),
        },
    ),
    Case(
        "redeploy/rolled-out",
        "pod.out-of-memory",
        _unready(state="waiting", reason="CrashLoopBackOff", last_reason="OOMKilled", last_exit_code=137),
        command="memory=128Mi",
    ),
    Case(
        "redeploy/rolled-out",
        "service-account.missing",
        _condition("ReplicaFailure", "True", "FailedCreate", 'serviceaccount "ai-service-account" not found'),
        says="not found",
    ),
    Case(
        "redeploy/rolled-out",
        "pod.admission-refused",
        _condition("ReplicaFailure", "True", "FailedCreate", "failed calling webhook"),
        says="failed calling webhook",
        command="describe replicaset --selector app=ai-service\nworkshop-tui solve redeploy",
    ),
    Case(
        "redeploy/rolled-out",
        "pod.admission-refused",
        _condition("ReplicaFailure", "True", "FailedCreate", TOO_SHORT),
        command=f"annotate serviceaccount ai-service-account {EXPIRATION}- && kubectl",
    ),
    Case(
        "redeploy/rolled-out",
        "pod.admission-refused",
        _annotated(EXPIRATION, "600", _condition("ReplicaFailure", "True", "FailedCreate", TOO_SHORT)),
        command=f'{{"{EXPIRATION}": null}}',
    ),
    Case(
        "redeploy/rolled-out",
        "pod.rollout-stuck",
        _condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing"),
    ),
    Case("redeploy/injected", "pod.not-injected", pod_environment(*SETTINGS), says="older than the webhook"),
    Case(
        "redeploy/injected",
        "pod.not-injected",
        pod(spec=replace(POD.spec, labels={}, containers=(CONTAINER,))),
        says="does not have the label",
    ),
    Case(
        "redeploy/injected",
        "pod.not-injected",
        pod(spec=replace(POD.spec, labels={LABEL: "yes"}, containers=(CONTAINER,))),
        says="“yes”, not “true”",
    ),
    Case("redeploy/injected", "pod.not-injected", without("AZURE_FEDERATED_TOKEN_FILE")),
    Case(
        "redeploy/injected",
        "pod.outdated-identity",
        without("AZURE_CLIENT_ID"),
        command="rollout restart deployment/ai-service",
    ),
    Case(
        "redeploy/injected",
        "pod.outdated-identity",
        pod_environment(*SETTINGS, *INJECTED[1:], variable("AZURE_CLIENT_ID", PRINCIPAL_ID)),
    ),
    Case("redeploy/injected", "app.no-pods", NO_PODS),
    Case("redeploy/injected", "pod.rolling", {**NO_PODS, **ROLLING}, Verdict.PENDING),
    Case(
        "redeploy/injected",
        "pod.leftover-container",
        pod(spec=replace(POD.spec, containers=(OLD, replace(OLD, name="b")))),
    ),
)

CASES = (*ROLLOUT, *VERIFY, *SERVICE)
