"""Pods whose sign-in is refused, or that the webhook did not change: which cause is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases_trouble_world import BARE, CRASHING, ROLLED, rolling
from steps_world import (
    CONTAINER,
    CREDENTIAL,
    INJECTED,
    ISSUER,
    NOW,
    POD,
    PRINCIPAL_ID,
    SETTINGS,
    Case,
    but,
    pod,
    variable,
)

from workshop_tui.authoring import (
    FederatedCredentials,
    ManagedCluster,
    ManagedIdentity,
    Names,
    Unreadable,
)
from workshop_tui.findings import Verdict

SUBJECT_REFUSED = (
    "AADSTS700213: No matching federated identity record found for presented assertion subject"
    " 'system:serviceaccount:default:ai-service-account'."
)
OLD_ISSUER = (
    "AADSTS700211: No matching federated identity record found for presented assertion issuer"
    " 'https://kubernetes.default.svc.cluster.local'."
)
SKIP = "azure.workload.identity/skip-containers"


def _tried(ago: timedelta) -> dict[type, object]:
    return rolling(replace(CRASHING, last_finished=NOW - ago), SUBJECT_REFUSED)


SIGN_IN = (
    Case(
        ROLLED,
        "pod.outdated-sign-in",
        rolling(CRASHING, SUBJECT_REFUSED),
        says="AADSTS700213",
        command="rollout restart deployment/ai-service",
    ),
    *(
        Case(ROLLED, "pod.outdated-sign-in", _tried(ago), verdict, command="rollout restart")
        for ago, verdict in (
            (timedelta(minutes=4, seconds=59), Verdict.PENDING),
            (timedelta(minutes=5), Verdict.FAILED),
            (timedelta(minutes=5, seconds=1), Verdict.FAILED),
        )
    ),
    # Another reason for the refusal is not made up for by a credential that fits: whom the pods sign in as …
    Case(
        ROLLED,
        "live.token-exchange-refused",
        rolling(
            CRASHING,
            "AADSTS70025: The client 'x' has no configured federated identity credentials.",
            spec=replace(
                POD.spec,
                containers=(
                    replace(
                        CONTAINER,
                        environment=(*SETTINGS, *INJECTED[1:], variable("AZURE_CLIENT_ID", PRINCIPAL_ID)),
                    ),
                ),
            ),
        ),
    ),
    # … which ServiceAccount's token they showed, or what nobody can read.
    Case(
        ROLLED,
        "live.token-exchange-refused",
        rolling(CRASHING, SUBJECT_REFUSED.replace("ai-service-account", "default")),
    ),
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {**rolling(CRASHING, SUBJECT_REFUSED), FederatedCredentials: Unreadable("it", "no answer")},
    ),
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {**rolling(CRASHING, SUBJECT_REFUSED), ManagedIdentity: Unreadable("it", "no answer")},
    ),
    Case(
        ROLLED,
        "pod.outdated-issuer",
        rolling(CRASHING, OLD_ISSUER),
        says="kubernetes.default.svc",
        command="rollout restart deployment/ai-service",
    ),
    # The issuer that was shown is the cluster's: it is the credential that names another.
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {
            **rolling(CRASHING, OLD_ISSUER.replace("https://kubernetes.default.svc.cluster.local", ISSUER)),
            FederatedCredentials: FederatedCredentials("i", (replace(CREDENTIAL, issuer="https://x/"),)),
        },
    ),
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {
            **rolling(CRASHING, OLD_ISSUER),
            **but(ManagedCluster, issuer_url=""),
        },
    ),
    *(
        Case(
            ROLLED,
            cause,
            rolling(
                CRASHING,
                "AADSTS700024: Client assertion is not within its valid time range. Current time:"
                f" 2026-03-01T{current}.1234567Z, assertion valid from 2026-03-01T12:00:00.0000000Z,"
                " expiry time of assertion 2026-03-01T13:00:00.0000000Z. Review the documentation.",
            ),
            says="AADSTS700024: the pod's token is not valid at this time",
        )
        for current, cause in (
            ("11:59:59", "cluster.clock-skew"),
            ("12:30:00", "live.token-exchange-refused"),
            ("13:00:00", "live.assertion-expired"),
        )
    ),
)

INJECTION = (
    Case(
        "redeploy/injected",
        "pod.container-skipped",
        pod(spec=replace(BARE, annotations={SKIP: "proxy; ai-service"})),
        says=f"{SKIP}: proxy; ai-service on pod {POD.name}",
        command=f'"{SKIP}": null',
    ),
    # With commas the whole text is one name, which no container has.
    Case(
        "redeploy/injected",
        "pod.not-injected",
        pod(spec=replace(BARE, annotations={SKIP: "proxy,ai-service"})),
        says="it has the label",
    ),
    Case(
        "redeploy/injected",
        "pod.namespace-exempt",
        {**pod(spec=BARE), **but(Names, namespace="kube-system")},
        says="is in kube-system",
    ),
    Case("redeploy/injected", None, but(Names, namespace="kube-system"), Verdict.PASSED),
)
