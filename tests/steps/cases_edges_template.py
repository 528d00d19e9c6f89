"""Where the judgements of pod template, ServiceAccount and local run turn, and what is shown of them."""

from __future__ import annotations

from dataclasses import replace

from steps_world import (
    CLIENT_ID,
    CLIENT_ID_ANNOTATION,
    CONTAINER,
    DIGEST,
    FINISHED,
    INJECTED,
    KEY,
    LABEL,
    PRINCIPAL_ID,
    REPOSITORY,
    SETTINGS,
    TENANT_ID,
    Case,
    but,
    container,
    template,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    AppService,
    Container,
    Deployment,
    LocalRun,
    ManagedIdentity,
    PushedImage,
    ServiceAccount,
)
from workshop_tui.findings import Verdict

GREEN = Verdict.PASSED
ONLY, SET = "redeploy/only-its-container", "redeploy/settings"
LOWER, UPPER = "abcdefab-2222-4222-8222-222222222222", "ABCDEFAB-2222-4222-8222-222222222222"
TENANT = "azure.workload.identity/tenant-id"
NOT_THERE = Absent("the thing", "identity.missing")


def _beside(image: str, **changes: object) -> dict[type, object]:
    """Return the Deployment with a container of another name beside the app's."""
    return template(containers=(CONTAINER, Container("other", image, **changes)))  # type: ignore[arg-type]


def _alone(image: str) -> dict[type, object]:
    return template(containers=(replace(CONTAINER, name="mine", image=image),))


def _set(name: str, value: str, source: str = "value") -> dict[type, object]:
    kept = tuple(item for item in SETTINGS if item.name != name)
    return container(environment=(*kept, variable(name, value, source)))


def _annotated(**annotations: str) -> dict[type, object]:
    return but(ServiceAccount, annotations=annotations)


CONTAINERS = (
    Case(ONLY, "pod.leftover-container", _beside(f"{REPOSITORY}@{DIGEST}")),
    Case(
        ONLY, "pod.leftover-container", _beside("ghcr.io/azure-samples/aks-store-demo/ai-service@sha256:aa")
    ),
    Case(ONLY, "pod.leftover-container", _beside("ghcr.io/azure-samples/aks-store-demo/ai-service:latest")),
    Case(ONLY, None, _beside("ghcr.io/azure-samples/aks-store-demo/order-service:latest"), GREEN),
    Case(ONLY, None, _alone("ghcr.io/me/app:1"), GREEN, says="mine, with your image "),
    Case(
        ONLY,
        None,
        {**_alone("me/app:1"), **but(PushedImage, reference="me/app:1")},
        GREEN,
        says="mine, with your image ",
    ),
    Case(ONLY, "pod.leftover-container", _alone("ghcr.io/azure-samples/aks-store-demo/ai-service:latest")),
)

LABELS = (
    *(
        Case("redeploy/workload-label", "pod.label-misplaced", {**template(labels={}), **world}, says=says)
        for world, says in (
            (
                template(labels={}, annotations={LABEL: "true"}),
                f"{LABEL} as an annotation of the pod template ",
            ),
            (
                but(
                    Deployment,
                    template=replace(FINISHED[Deployment].template, labels={}),
                    labels={LABEL: "true"},
                ),
                f"{LABEL} as a label of the Deployment itself ",
            ),
            (
                but(
                    Deployment,
                    template=replace(FINISHED[Deployment].template, labels={}),
                    annotations={LABEL: "true"},
                ),
                f"{LABEL} as an annotation of the Deployment itself ",
            ),
            (but(ServiceAccount, labels={LABEL: "true"}), f"{LABEL} as a label of the ServiceAccount "),
            (
                but(ServiceAccount, annotations={LABEL: "true"}),
                f"{LABEL} as an annotation of the ServiceAccount ",
            ),
        )
    ),
    Case("redeploy/workload-label", "pod.label-missing", {**template(labels={}), ServiceAccount: NOT_THERE}),
)

NO_ACCOUNT = (
    Case(
        "service-account/client-id-matches",
        "service-account.no-client-id",
        {**_annotated(), AppService: NOT_THERE, Deployment: NOT_THERE},
        says=f"no annotation {CLIENT_ID_ANNOTATION} ",
    ),
    Case(
        "redeploy/service-account-used",
        "pod.wrong-service-account",
        template(service_account=""),
        says="default ",
    ),
    Case(
        "redeploy/service-account-used",
        "pod.wrong-service-account",
        template(service_account="mine"),
        says="mine ",
    ),
)

KEYS = (
    Case("redeploy/no-key", None, {}, GREEN, says="no key within reach  "),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(environment=(*SETTINGS, variable("OPENAI_API_KEY", KEY))),
        says="OPENAI_API_KEY (01…ef) in container ai-service, as plain text no key within reach",
    ),
    Case(
        "redeploy/no-key",
        "pod.key-exposed",
        container(environment=(*SETTINGS, variable("OPENAI_API_KEY", KEY), variable("AOAI_KEY", KEY))),
        says="as plain text and 1 more no key",
    ),
)

SETTING = (
    Case(
        SET,
        "pod.settings-wrong",
        container(environment=()),
        says="USE_AZURE_OPENAI=True, USE_AZURE_AD=True, AZURE_OPENAI_DEPLOYMENT_NAME=gpt-35-turbo, ",
        command="USE_AZURE_OPENAI=True USE_AZURE_AD=True AZURE_OPENAI_DEPLOYMENT_NAME=gpt-35-turbo ",
    ),
    Case(SET, "pod.settings-wrong", _set("USE_AZURE_AD", ""), says="USE_AZURE_AD=(empty) USE_AZURE_AD=True "),
    Case(SET, "pod.settings-wrong", _set("USE_AZURE_AD", "no", "configmap a/b"), says="USE_AZURE_AD=no "),
    Case(SET, "reading.no-permission", _set("USE_AZURE_AD", "", "configmap a/b"), Verdict.UNKNOWN),
    Case(SET, None, _set("USE_AZURE_AD", "TRUE"), GREEN),
    *(
        Case(
            SET,
            None,
            {
                **but(ManagedIdentity, client_id=own, tenant_id=own),
                **container(
                    environment=(
                        *SETTINGS,
                        variable("AZURE_CLIENT_ID", set_),
                        variable("AZURE_TENANT_ID", set_),
                    )
                ),
            },
            GREEN,
        )
        for own, set_ in ((LOWER, UPPER), (UPPER, LOWER))
    ),
    *(
        Case(
            SET,
            "pod.settings-wrong",
            {**container(environment=(*SETTINGS, setting)), ManagedIdentity: identity},
            says=f"{setting.name} set by hand {setting.name} left to the webhook",
            command=f"{setting.name}-",
        )
        for setting, identity in (
            (variable("AZURE_CLIENT_ID", PRINCIPAL_ID), FINISHED[ManagedIdentity]),
            (variable("AZURE_CLIENT_ID", CLIENT_ID), NOT_THERE),
            (variable("AZURE_CLIENT_ID", ""), NOT_THERE),
            (variable("AZURE_CLIENT_ID", ""), replace(FINISHED[ManagedIdentity], client_id="")),
            (INJECTED[2], FINISHED[ManagedIdentity]),
            (INJECTED[3], FINISHED[ManagedIdentity]),
            (variable("AZURE_AUTHORITY_HOST", ""), FINISHED[ManagedIdentity]),
        )
    ),
)

ACCOUNT = (
    *(
        Case(
            "service-account/client-id-matches",
            None,
            {
                **but(ManagedIdentity, client_id=own, tenant_id=own),
                **_annotated(**{CLIENT_ID_ANNOTATION: set_, TENANT: set_}),
            },
            GREEN,
        )
        for own, set_ in ((LOWER, UPPER), (UPPER, LOWER))
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-tenant",
        _annotated(**{CLIENT_ID_ANNOTATION: CLIENT_ID, TENANT: CLIENT_ID}),
        says=f"{TENANT}: {CLIENT_ID} {TENANT}: {TENANT_ID}",
        command="rollout restart",
    ),
    *(
        Case(
            "service-account/client-id-matches",
            "service-account.no-client-id",
            _annotated(**{name: CLIENT_ID}),
            says=f"an annotation {name} in its place",
        )
        for name in (
            "clientid",
            "azure.workload.identity/Client_Id",
            "azure.workload.identity/other/client-id",
        )
    ),
    *(
        Case(
            "service-account/client-id-matches",
            "service-account.wrong-client-id",
            {**but(ManagedIdentity, principal_id=own), **_annotated(**{CLIENT_ID_ANNOTATION: set_})},
            says="This is the object id of myIdentity.",
        )
        for own, set_ in ((LOWER, UPPER), (UPPER, LOWER))
    ),
    Case(
        "service-account/client-id-matches",
        "service-account.wrong-client-id",
        _annotated(**{CLIENT_ID_ANNOTATION: "/SUBSCRIPTIONS/1/x"}),
        says="This is a resource id.",
    ),
)

LOCAL = (
    Case("run-locally/healthy", None, {}, GREEN, says="GET /health: 200, at 2026-02-28 12:00 UTC "),
    Case("run-locally/healthy", None, but(LocalRun, live=True), GREEN, says="GET /health: 200, now "),
    Case("run-locally/no-key", None, {}, GREEN, says="no key in its environment; the account saw a token "),
    Case("run-locally/no-key", None, but(LocalRun, account_saw=""), GREEN, says="no key in its environment "),
    Case(
        "run-locally/no-key",
        "local.key-present",
        but(LocalRun, account_saw="key"),
        says="the account saw a key ",
    ),
    Case(
        "run-locally/no-key",
        "local.key-present",
        but(LocalRun, key_in_environment=True, account_saw=""),
        says="a key in its environment ",
    ),
)

CASES = (*CONTAINERS, *LABELS, *NO_ACCOUNT, *KEYS, *SETTING, *ACCOUNT, *LOCAL)
