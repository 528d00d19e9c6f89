"""What each check of the cluster says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CLIENT_ID,
    CLIENT_ID_ANNOTATION,
    CONTAINER,
    CREDENTIAL,
    DIGEST,
    INJECTED,
    KEY,
    LABEL,
    NOW,
    OTHER_DIGEST,
    POD,
    PRINCIPAL_ID,
    REPOSITORY,
    SETTINGS,
    STATUS,
    TEMPLATE,
    TENANT_ID,
    Case,
    answer,
    but,
    container,
    grant,
    pod,
    pod_environment,
    template,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    ClusterAccess,
    ClusterDescription,
    Condition,
    Deployment,
    EnvironmentSource,
    FederatedCredentials,
    IdentityRoles,
    Pods,
    PushedImage,
    ServiceAccount,
    ShopDescription,
    Sightings,
    Unreadable,
)
from workshop_tui.findings import Verdict

NO_PODS: dict[type, object] = {Pods: Pods(())}
OLD = replace(CONTAINER, name="order-service", image="ghcr.io/azure-samples/aks-store-demo/ai-service:latest")
EXPOSED = variable("OPENAI_API_KEY", KEY)
ROLLING = but(Deployment, updated=1, available=1, replicas=2)
YOUNG: dict[type, object] = {Sightings: Sightings({CREDENTIAL.sighting: NOW - timedelta(seconds=30)})}
SUBJECT_REFUSED = (
    "azure.core.exceptions.ClientAuthenticationError: AADSTS700213: No matching"
    " federated identity record found"
    " for presented assertion subject 'system:serviceaccount:default:ai-service-account'."
)


def _without(name: str) -> dict[type, object]:
    return pod_environment(*SETTINGS, *(item for item in INJECTED if item.name != name))


def _setting(name: str, value: str | None, source: str = "value") -> dict[type, object]:
    kept = tuple(item for item in SETTINGS if item.name != name)
    return container(environment=kept if value is None else (*kept, variable(name, value, source)))


def _unready(**changes: object) -> dict[type, object]:
    """Return a rollout whose newest pod is not ready, with this container status."""
    status = replace(STATUS, ready=False, **changes)  # type: ignore[arg-type]
    return {**but(Deployment, available=0), Pods: Pods((replace(POD, ready=False, statuses=(status,)),))}


def _crashed(log: str) -> dict[type, object]:
    world = _unready(state="waiting", reason="CrashLoopBackOff", restarts=3, last_exit_code=1)
    pods = world[Pods]
    assert isinstance(pods, Pods)
    return {**world, Pods: Pods((replace(pods.items[0], log=log),))}


def _condition(kind: str, status: str, reason: str, message: str) -> dict[type, object]:
    condition = Condition(kind, status, reason, message)
    return {**but(Deployment, available=0, updated=0, conditions=(condition,)), **NO_PODS}


BEFORE = (
    Case(
        "exposed-key/cluster-reachable",
        "cluster.unreachable",
        {ClusterAccess: Absent("answer of the cluster", "cluster.unreachable")},
    ),
    Case(
        "exposed-key/app-deployed",
        "app.not-deployed",
        {Deployment: Absent("Deployment ai-service", "app.not-deployed")},
    ),
    Case(
        "exposed-key/app-deployed",
        "app.scaled-to-zero",
        but(Deployment, wanted=0),
        command="scale deployment ai-service --replicas 1",
    ),
    Case("exposed-key/key-in-sight", "app.no-pods", NO_PODS),
    Case(
        "exposed-key/key-in-sight",
        None,
        pod_environment(EXPOSED),
        Verdict.PASSED,
        says="in plain sight: OPENAI_API_KEY (01…ef) in container ai-service, as plain text",
    ),
    Case("exposed-key/key-in-sight", None, {}, Verdict.PASSED, says="gone already"),
)

ACCOUNT = (
    Case(
        "service-account/exists",
        "service-account.missing",
        {ServiceAccount: Absent("ServiceAccount", "service-account.missing")},
    ),
    Case("service-account/exists", "service-account.wrong-namespace", but(ServiceAccount, namespace="pets")),
    Case(
        "service-account/client-id-matches",
        "service-account.no-client-id",
        but(ServiceAccount, annotations={}),
        command=f"{CLIENT_ID_ANNOTATION}={CLIENT_ID}",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.no-client-id",
        but(ServiceAccount, annotations={CLIENT_ID_ANNOTATION: ""}),
        says="is empty",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.no-client-id",
        but(ServiceAccount, annotations={"azure.workload.identity/client_id": CLIENT_ID}),
        says="azure.workload.identity/client_id in its place",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.no-client-id",
        but(ServiceAccount, annotations={}, labels={CLIENT_ID_ANNOTATION: CLIENT_ID}),
        says="is a label",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-client-id",
        but(ServiceAccount, annotations={CLIENT_ID_ANNOTATION: PRINCIPAL_ID}),
        says="object id of myIdentity",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-client-id",
        but(ServiceAccount, annotations={CLIENT_ID_ANNOTATION: "${USER_ASSIGNED_CLIENT_ID}"}),
        says="shell variable",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-client-id",
        but(ServiceAccount, annotations={CLIENT_ID_ANNOTATION: "/subscriptions/x"}),
        says="resource id",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-client-id",
        but(ServiceAccount, annotations={CLIENT_ID_ANNOTATION: f"{CLIENT_ID} "}),
        says="blanks at an end",
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-tenant",
        but(
            ServiceAccount,
            annotations={CLIENT_ID_ANNOTATION: CLIENT_ID, "azure.workload.identity/tenant-id": ""},
        ),
        says=TENANT_ID,
    ),
)

TEMPLATE_CASES = (
    Case(
        "redeploy/only-its-container",
        "pod.leftover-container",
        template(containers=(CONTAINER, OLD)),
        says="ai-service, order-service",
        command="/spec/template/spec/containers/1",
    ),
    Case("redeploy/only-its-container", "pod.leftover-container", template(containers=(OLD,))),
    Case("redeploy/only-its-container", "pod.leftover-container", template(containers=())),
    Case(
        "redeploy/only-its-container",
        None,
        template(containers=(replace(CONTAINER, name="order-service"),)),
        Verdict.PASSED,
        says="with your image",
    ),
    Case(
        "redeploy/image",
        "pod.wrong-image",
        container(image=OLD.image),
        command=f"ai-service={REPOSITORY}@{DIGEST}",
    ),
    Case("redeploy/image", "pod.wrong-image", container(image=f"{REPOSITORY}@{OTHER_DIGEST}")),
    Case(
        "redeploy/image",
        "pod.wrong-image",
        {
            **container(image=f"{REPOSITORY}:1h"),
            **pod(statuses=(replace(STATUS, image_id=f"{REPOSITORY}@{OTHER_DIGEST}"),)),
        },
        says="before the newest push",
    ),
    Case("redeploy/image", None, container(image=f"{REPOSITORY}:1h"), Verdict.PASSED),
    Case(
        "redeploy/image",
        "pod.wrong-image",
        {**container(image=OLD.image), PushedImage: Absent("image", "image.missing")},
        says=f"{REPOSITORY}:1h",
    ),
    Case("redeploy/image", None, {PushedImage: Absent("image", "image.missing")}, Verdict.PASSED),
    Case(
        "redeploy/image",
        "image.registry-down",
        {PushedImage: Unreadable("the registry", "no answer", "image.registry-down"), **NO_PODS},
        Verdict.UNKNOWN,
    ),
    Case("redeploy/image", "pod.leftover-container", template(containers=(replace(OLD, name="a"), OLD))),
    Case("redeploy/workload-label", "pod.label-missing", template(labels={"app": "ai-service"})),
    Case(
        "redeploy/workload-label",
        "pod.label-wrong-value",
        template(labels={LABEL: "True"}),
        says="True",
    ),
    Case(
        "redeploy/workload-label",
        "pod.label-misplaced",
        template(labels={}, annotations={LABEL: "true"}),
        says="as an annotation of the pod template",
    ),
    Case(
        "redeploy/workload-label",
        "pod.label-misplaced",
        but(Deployment, template=replace(TEMPLATE, labels={}), labels={LABEL: "true"}),
        says="as a label of the Deployment itself",
    ),
    Case(
        "redeploy/workload-label",
        "pod.label-misplaced",
        {**template(labels={}), **but(ServiceAccount, labels={LABEL: "true"})},
        says="as a label of the ServiceAccount",
        command='"azure.workload.identity/use": "true"',
    ),
    Case(
        "redeploy/service-account-used",
        "pod.wrong-service-account",
        template(service_account="default"),
        command="set serviceaccount deployment ai-service ai-service-account",
    ),
    Case(
        "redeploy/service-account-used",
        "service-account.missing",
        {ServiceAccount: Absent("ServiceAccount", "service-account.missing")},
    ),
    Case("redeploy/settings", "pod.settings-wrong", _setting("USE_AZURE_AD", None), says="no USE_AZURE_AD"),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        _setting("USE_AZURE_AD", "False"),
        command="set env deployment/ai-service --containers ai-service USE_AZURE_AD=True",
    ),
    Case("redeploy/settings", "pod.settings-wrong", _setting("AZURE_OPENAI_DEPLOYMENT_NAME", "gpt4")),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        _setting("AZURE_OPENAI_ENDPOINT", "https://other.openai.azure.com/"),
    ),
    Case(
        "redeploy/settings",
        None,
        _setting("AZURE_OPENAI_ENDPOINT", "https://my-openai.cognitiveservices.azure.com"),
        Verdict.PASSED,
    ),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        container(environment=(*SETTINGS, variable("AZURE_CLIENT_ID", ""))),
        says="AZURE_CLIENT_ID set by hand",
        command="AZURE_CLIENT_ID-",
    ),
    Case(
        "redeploy/settings",
        "reading.no-permission",
        _setting("USE_AZURE_AD", "", "configmap settings/ad"),
        Verdict.UNKNOWN,
    ),
    Case("redeploy/settings", "pod.leftover-container", template(containers=())),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(environment=(*SETTINGS, EXPOSED)),
        command="OPENAI_API_KEY-",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(environment=(*SETTINGS, variable("AOAI_KEY", "", "secret aoai/key"))),
        says="from secret aoai/key",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(sources=(EnvironmentSource("secret", "aoai", "envFrom", ("AZURE_OPENAI_API_KEY",)),)),
        says="from secret aoai (envFrom)",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(sources=(EnvironmentSource("secret", "openai", "volume /keys", None),)),
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        template(containers=(CONTAINER, replace(OLD, environment=(EXPOSED,)))),
        says="in container order-service",
    ),
    Case(
        "redeploy/no-key",
        None,
        container(environment=(*SETTINGS, variable("OPENAI_API_KEY", ""))),
        Verdict.PASSED,
    ),
)

ROLLOUT = (
    Case("redeploy/rolled-out", "pod.rolling", ROLLING, Verdict.PENDING),
    Case("redeploy/rolled-out", "app.scaled-to-zero", but(Deployment, wanted=0)),
    Case(
        "redeploy/rolled-out",
        "pod.image-pull",
        _unready(state="waiting", reason="ErrImagePull", message="ttl.sh/x:1h: not found"),
        says="ttl.sh/x:1h: not found",
    ),
    Case(
        "redeploy/rolled-out",
        "pod.crash-loop",
        _crashed("Traceback …\nModuleNotFoundError: No module named 'azure'"),
        says="No module named 'azure'",
    ),
    Case("redeploy/rolled-out", "pod.crash-loop", _crashed("")),
    Case(
        "redeploy/rolled-out",
        "live.token-exchange-refused",
        _crashed(f"starting\n{SUBJECT_REFUSED}\nat exit"),
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
        "service-account.no-client-id",
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
    Case("verify/identity-in-pods", "service-account.no-client-id", _without("AZURE_CLIENT_ID")),
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
            {**answer(kind, 503), **pod(created=NOW - timedelta(seconds=10))},
            Verdict.PENDING,
        )
        for check, kind in (
            ("answers-in-cluster", ClusterDescription),
            ("answers-through-shop", ShopDescription),
        )
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

CASES = (*BEFORE, *ACCOUNT, *TEMPLATE_CASES, *ROLLOUT, *VERIFY)
