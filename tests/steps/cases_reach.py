"""What the checks say where networks, power or a role's place and holder keep requests out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CLIENT_ID,
    CONTAINER,
    GROUP_ID,
    NOW,
    OWNER,
    TEMPLATE,
    Case,
    answer,
    but,
    grant,
    pod,
)

from workshop_tui.authoring import (
    ClusterAccess,
    ClusterDescription,
    Deployment,
    IdentityAnswer,
    IdentityRoles,
    KeyAnswer,
    LearnerAnswer,
    ManagedCluster,
    OpenAIAccount,
    ShopDescription,
    SignedIn,
    Unreadable,
)
from workshop_tui.findings import Verdict

OTHER = f"{GROUP_ID}/providers/Microsoft.CognitiveServices/accounts/other"
FIREWALL = (403, "403", "Access denied due to Virtual Network/Firewall rules.")
PRIVATE = (403, "403", "Public access is disabled. Please configure private endpoint.")
ELSEWHERE = (
    403,
    "403",
    "A Virtual Network is configured for this resource.",
)
ACCEPTED = "grant-yourself/token-accepted"
SILENT: dict[type, object] = {
    ClusterAccess: Unreadable("the cluster's API server", "its name cannot be found")
}
ME = "77777777-7777-4777-8777-777777777777"
SOMEBODY = "88888888-8888-4888-8888-888888888888"


def _limited(limit: str, status: int = 503, age: int = 600) -> dict[type, object]:
    short = replace(TEMPLATE, containers=(replace(CONTAINER, memory_limit=limit),))
    return {
        **answer(ClusterDescription, status, "", "connection refused"),
        **but(Deployment, template=short),
        **pod(created=NOW - timedelta(seconds=age)),
    }


def _missed(*others: object) -> dict[type, object]:
    return but(IdentityRoles, grants=(), others=others)


NETWORK = (
    Case(
        ACCEPTED,
        "account.network-closed",
        {
            **answer(LearnerAnswer, *FIREWALL),
            **but(OpenAIAccount, closed_by="networkAcls.defaultAction=Deny"),
        },
        says="Virtual Network/Firewall rules.; the account has networkAcls.defaultAction=Deny",
        command="--set properties.networkAcls.defaultAction=Allow",
    ),
    Case(
        ACCEPTED,
        "account.network-closed",
        {**answer(LearnerAnswer, *PRIVATE), **but(OpenAIAccount, closed_by="publicNetworkAccess=Disabled")},
        command="--set properties.publicNetworkAccess=Enabled",
    ),
    # Opened a moment ago, and not known everywhere: the account says so itself.
    Case(
        ACCEPTED,
        "account.network-closed",
        answer(LearnerAnswer, *ELSEWHERE),
        says="no such rule any more",
        command="az cognitiveservices account show",
    ),
    # That an account is closed to some is no fault where nobody is kept out.
    Case(ACCEPTED, None, but(OpenAIAccount, closed_by="publicNetworkAccess=Disabled"), Verdict.PASSED),
    Case("verify/answers-in-cluster", "live.network-refused", answer(ClusterDescription, *FIREWALL)),
    Case("verify/answers-through-shop", "live.network-refused", answer(ShopDescription, *FIREWALL)),
    Case("lock-the-door/identity-works", "live.network-refused", answer(IdentityAnswer, *PRIVATE)),
    Case(
        "lock-the-door/key-refused",
        "account.network-closed",
        answer(KeyAnswer, *FIREWALL),
        Verdict.UNKNOWN,
        says="did not get as far as to look at a key",
    ),
)

POWER = (
    Case(
        "exposed-key/cluster-reachable",
        "cluster.unreachable",
        {**SILENT, **but(ManagedCluster, power="Stopped")},
        says="powerState is Stopped; its name cannot be found",
        command="az aks start --resource-group myResourceGroup --name myAKSCluster",
    ),
    Case(
        "exposed-key/cluster-reachable",
        "reading.unreachable",
        {**SILENT, **but(ManagedCluster, power="Running")},
        Verdict.UNKNOWN,
    ),
    Case(
        "exposed-key/cluster-reachable",
        "reading.unreachable",
        {**SILENT, ManagedCluster: Unreadable("it", "no answer")},
        Verdict.UNKNOWN,
    ),
    Case(
        "exposed-key/cluster-reachable",
        "cluster.busy",
        {**SILENT, **but(ManagedCluster, power="Running", state="Starting")},
        Verdict.PENDING,
        says="myAKSCluster: Starting; its name cannot be found",
    ),
    # What answers is not stopped, whatever Azure has noted.
    Case("exposed-key/cluster-reachable", None, but(ManagedCluster, power="Stopped"), Verdict.PASSED),
)

ROLES = (
    Case(
        "managed-identity/role",
        "identity.role-missing",
        _missed(grant(principal=SOMEBODY), grant(scope=OTHER)),
        says=f"no such role; myIdentity has Cognitive Services OpenAI User at {OTHER}",
    ),
    Case(
        "managed-identity/role",
        "identity.role-missing",
        _missed(grant(principal=SOMEBODY), grant(principal=CLIENT_ID)),
        says="is assigned to its client id, where the object id belongs",
    ),
    Case(
        "managed-identity/role",
        "identity.role-missing",
        _missed(grant(principal=SOMEBODY)),
        says=f"Cognitive Services OpenAI User is assigned to {SOMEBODY}",
    ),
    Case(
        "managed-identity/role",
        "identity.control-plane-only",
        but(IdentityRoles, grants=(OWNER,), others=(grant(scope=OTHER),)),
        says="no data action for chat; myIdentity has",
    ),
    # One's own role, and others' at other accounts, are as they should be.
    Case(
        "managed-identity/role",
        "identity.role-missing",
        {
            **_missed(grant(principal=ME), grant(principal=SOMEBODY, scope=OTHER)),
            **but(SignedIn, object_id=ME.upper()),
        },
        says="no such role a role with",
    ),
)

MEMORY = (
    Case(
        "verify/answers-in-cluster",
        "pod.memory-low",
        _limited("50Mi"),
        says="memory limit 50Mi; POST",
        command="--limits memory=128Mi",
    ),
    Case("verify/answers-in-cluster", "live.no-answer", _limited("64Mi")),
    Case("verify/answers-in-cluster", "live.no-answer", _limited("50Mi", status=500)),
    Case("verify/answers-in-cluster", "pod.starting", _limited("50Mi", age=10), Verdict.PENDING),
)

CASES = (*NETWORK, *POWER, *ROLES, *MEMORY)
