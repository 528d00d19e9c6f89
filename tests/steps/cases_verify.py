"""What each check of live answers says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases_shared import EXPOSED, NO_PODS, OLD, ROLLING, STUCK, SUBJECT_REFUSED, YOUNG, without
from steps_world import (
    INJECTED,
    NOW,
    POD,
    PRINCIPAL_ID,
    SETTINGS,
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
    IdentityRoles,
    Pods,
    ServicePort,
    ShopDescription,
)
from workshop_tui.findings import Verdict

UNKNOWN_MODEL = "DeploymentNotFound: The API deployment does not exist."

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
    Case("verify/identity-in-pods", "pod.outdated-identity", without("AZURE_CLIENT_ID")),
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
