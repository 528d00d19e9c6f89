"""What each check before the rollout, and of the ServiceAccount, says of a changed world."""

from __future__ import annotations

from cases_shared import EXPOSED, NO_PODS
from cases_template import TEMPLATE_CASES
from steps_world import (
    CLIENT_ID,
    CLIENT_ID_ANNOTATION,
    PRINCIPAL_ID,
    TENANT_ID,
    Case,
    but,
    pod_environment,
    template,
)

from workshop_tui.authoring import (
    Absent,
    AppService,
    ClusterAccess,
    Deployment,
    ManagedIdentity,
    ServiceAccount,
)
from workshop_tui.findings import Verdict

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
        command="workshop-tui solve redeploy",
    ),
    Case(
        "exposed-key/app-deployed",
        "app.not-deployed",
        {
            Deployment: Absent("Deployment ai-service", "app.not-deployed", "kubectl get deployments"),
            **but(ServiceAccount, annotations={}),
        },
        command="kubectl get deployments",
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
    Case(
        "service-account/exists",
        "service-account.wrong-namespace",
        {ServiceAccount: Absent("it", "service-account.wrong-namespace", "", "Not there; one is in pets")},
        says="pets",
    ),
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
    *(
        Case(
            "service-account/client-id-matches",
            "service-account.no-client-id",
            {**but(ServiceAccount, annotations={}), **misplaced},
            says=f"it is on {place}, where nobody reads it",
        )
        for place, misplaced in (
            ("the pod template", template(annotations={CLIENT_ID_ANNOTATION: CLIENT_ID})),
            ("the Deployment ai-service", but(Deployment, annotations={CLIENT_ID_ANNOTATION: CLIENT_ID})),
            ("the Service ai-service", but(AppService, annotations={CLIENT_ID_ANNOTATION: CLIENT_ID})),
        )
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.other-identity",
        {
            **but(ServiceAccount, annotations={CLIENT_ID_ANNOTATION: TENANT_ID}),
            **but(ManagedIdentity, instead_of="agentpool in MC_one"),
        },
        says="which is agentpool in MC_one",
        command=f"{CLIENT_ID_ANNOTATION}={CLIENT_ID}",
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

CASES = (*BEFORE, *ACCOUNT, *TEMPLATE_CASES)
