"""What each check of rollout and live answers says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CONTAINER,
    CREDENTIAL,
    INJECTED,
    KEY,
    LABEL,
    NOW,
    POD,
    PRINCIPAL_ID,
    SETTINGS,
    STATUS,
    Case,
    answer,
    but,
    grant,
    pod,
    pod_environment,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    AppService,
    ClusterDescription,
    Condition,
    Deployment,
    FederatedCredentials,
    IdentityRoles,
    Pods,
    ServicePort,
    ShopDescription,
    Sightings,
)
from workshop_tui.findings import Verdict

NO_PODS: dict[type, object] = {Pods: Pods(())}
OLD = replace(CONTAINER, name="order-service", image="ghcr.io/azure-samples/aks-store-demo/ai-service:latest")
EXPOSED = variable("OPENAI_API_KEY", KEY)
PAUSED = Condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
ROLLING = but(Deployment, updated=1, available=1, replicas=2)
STUCK = but(
    Deployment,
    updated=1,
    available=1,
    replicas=2,
    conditions=(Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing"),),
)
UNKNOWN_MODEL = "DeploymentNotFound: The API deployment does not exist."
YOUNG: dict[type, object] = {Sightings: Sightings({CREDENTIAL.sighting: NOW - timedelta(seconds=30)})}
SUBJECT_REFUSED = (
    "azure.core.exceptions.ClientAuthenticationError: AADSTS700213: No matching"
    " federated identity record found"
    " for presented assertion subject 'system:serviceaccount:default:ai-service-account'."
)
EXPIRATION = "azure.workload.identity/service-account-token-expiration"
TOO_SHORT = (
    'admission webhook "mutation.azure-workload-identity.io" denied the request: token expiration 600 not'
    " valid. Expected value to be between 3600 and 86400"
)


def _without(name: str) -> dict[type, object]:
    return pod_environment(*SETTINGS, *(item for item in INJECTED if item.name != name))


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
    Case("redeploy/injected", "pod.not-injected", _without("AZURE_FEDERATED_TOKEN_FILE")),
    Case(
        "redeploy/injected",
        "pod.outdated-identity",
        _without("AZURE_CLIENT_ID"),
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

DENIED = (400, "", "(PermissionDenied) Principal does not have access to API/Operation.")
VERIFY = (
    Case("verify/no-key-in-pods", "app.no-pods", NO_PODS),
    Case(
        "verify/no-key-in-pods",
        "pod.key-exposed",
        pod_environment(*SETTINGS, *INJECTED, EXPOSED),
        command="OPENAI_API_KEY-",
    ),
    Case(
        "verify/no-key-in-pods",
        "pod.rolling",
        {
            **ROLLING,
            Pods: Pods(
                (
                    POD,
                    replace(
                        POD,
                        current=False,
                        spec=replace(POD.spec, containers=(replace(OLD, environment=(EXPOSED,)),)),
                    ),
                )
            ),
        },
        Verdict.PENDING,
    ),
    Case("verify/identity-in-pods", "app.no-pods", NO_PODS),
    Case("verify/identity-in-pods", "pod.not-injected", pod_environment(*SETTINGS)),
    Case("verify/identity-in-pods", "pod.outdated-identity", _without("AZURE_CLIENT_ID")),
    Case(
        "verify/identity-in-pods",
        "pod.outdated-identity",
        pod_environment(*INJECTED[1:], variable("AZURE_CLIENT_ID", PRINCIPAL_ID)),
    ),
    Case("verify/answers-in-cluster", "live.permission-denied", answer(ClusterDescription, *DENIED)),
    Case(
        "verify/answers-in-cluster",
        "role.propagating",
        {
            **answer(ClusterDescription, *DENIED),
            **but(IdentityRoles, grants=(grant(created=NOW - timedelta(minutes=1)),)),
        },
        Verdict.PENDING,
    ),
    Case(
        "verify/answers-in-cluster",
        "live.token-exchange-refused",
        answer(ClusterDescription, 400, "", SUBJECT_REFUSED),
        says="no credential has the pod's subject",
    ),
    Case(
        "verify/answers-in-cluster",
        "federation.propagating",
        {**answer(ClusterDescription, 400, "", SUBJECT_REFUSED), **YOUNG},
        Verdict.PENDING,
    ),
    Case(
        "verify/answers-in-cluster",
        "live.token-expired",
        answer(ClusterDescription, 400, "", "Access token is missing, invalid, audience is incorrect"),
        command="rollout restart",
    ),
    Case(
        "verify/answers-in-cluster",
        "live.no-subdomain",
        answer(ClusterDescription, 400, "", "Please provide a custom subdomain for token authentication"),
    ),
    Case(
        "verify/answers-in-cluster",
        "live.deployment-unknown",
        answer(ClusterDescription, 400, "", "DeploymentNotFound: The API deployment does not exist."),
    ),
    Case(
        "verify/answers-in-cluster",
        "live.key-refused",
        answer(ClusterDescription, 400, "", "Key based authentication is disabled for this resource."),
    ),
    Case(
        "verify/answers-in-cluster",
        "live.no-answer",
        answer(ClusterDescription, 503, "", "no endpoints available"),
    ),
    Case("verify/answers-in-cluster", "live.no-answer", answer(ClusterDescription, 200)),
    *(
        Case(
            f"verify/{check}",
            "pod.starting",
            # Through the shop it is the app that is starting only where the app itself does not answer yet.
            {
                **answer(ClusterDescription, 503),
                **answer(kind, 503),
                **pod(created=NOW - timedelta(seconds=10)),
            },
            Verdict.PENDING,
        )
        for check, kind in (
            ("answers-in-cluster", ClusterDescription),
            ("answers-through-shop", ShopDescription),
        )
    ),
    # While new pods come, an old one's refusal says nothing of what was mended; of a stuck rollout it does.
    Case(
        "verify/answers-in-cluster",
        "pod.rolling",
        {**answer(ClusterDescription, 400, "", UNKNOWN_MODEL), **ROLLING},
        Verdict.PENDING,
        says="by a pod from before",
    ),
    Case(
        "verify/answers-in-cluster",
        "live.deployment-unknown",
        {**answer(ClusterDescription, 400, "", UNKNOWN_MODEL), **STUCK},
    ),
    *(
        Case(
            "verify/answers-through-shop",
            "pod.rolling",
            {
                **answer(ClusterDescription, 400, "", UNKNOWN_MODEL),
                **answer(ShopDescription, 400, "", text),
                **ROLLING,
            },
            Verdict.PENDING,
        )
        for text in (UNKNOWN_MODEL, "something went wrong")
    ),
    Case(
        "verify/answers-in-cluster",
        "reading.throttled",
        {**answer(ClusterDescription, 429), **ROLLING},
        Verdict.UNKNOWN,
    ),
    Case("verify/answers-in-cluster", "reading.throttled", answer(ClusterDescription, 429), Verdict.UNKNOWN),
    Case("verify/answers-through-shop", "live.shop-unreachable", answer(ShopDescription, 0)),
    Case("verify/answers-through-shop", "live.shop-unreachable", answer(ShopDescription, 404, "", "<html>")),
    Case("verify/answers-through-shop", "live.permission-denied", answer(ShopDescription, *DENIED)),
    Case(
        "verify/answers-through-shop",
        "live.no-answer",
        {**answer(ShopDescription, 502), **answer(ClusterDescription, 503)},
    ),
    Case("verify/answers-through-shop", "reading.throttled", answer(ShopDescription, 429), Verdict.UNKNOWN),
)

NO_ENDPOINTS = answer(ClusterDescription, 503, "", 'no endpoints available for service "ai-service"')
SERVICE = (
    Case(
        "verify/answers-in-cluster",
        "app.service-missing",
        {
            **answer(ClusterDescription, 404, "NotFound", 'services "ai-service" not found'),
            AppService: Absent("Service ai-service", "app.service-missing", "kubectl expose"),
        },
        says="Not there: Service ai-service",
        command="kubectl expose",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, selector={"app": "ai"})},
        says="selects pods with app=ai; the ready pod ai-service-6d5f-abcde has app=ai-service",
        command="set selector service ai-service app=ai-service",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, selector={})},
        says="selects pods with nothing",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, ports=(ServicePort(80, "5001"),))},
        says="has no port 5001; its ports: 80",
        command='"targetPort": 5001',
    ),
    *(
        Case(
            "verify/answers-in-cluster",
            "app.service-mismatch",
            {**NO_ENDPOINTS, **but(AppService, ports=(ServicePort(5001, target),))},
            says=f"sends port 5001 to {target} of its pods, which have the ports 5001",
            command='"targetPort": 5001',
        )
        for target in ("8080", "web")
    ),
    # A Service is not to blame where no pod is ready, or where the app itself answers.
    Case(
        "verify/answers-in-cluster",
        "live.no-answer",
        {**NO_ENDPOINTS, **NO_PODS, **but(AppService, ports=())},
    ),
    Case(
        "verify/answers-in-cluster",
        "live.permission-denied",
        {**answer(ClusterDescription, *DENIED), **but(AppService, selector={})},
    ),
)

CASES = (*ROLLOUT, *VERIFY, *SERVICE)
