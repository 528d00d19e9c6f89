"""What can be wrong in Azure, and what is right in another way."""

from __future__ import annotations

from breakages import Breakage, Harmless
from hands_azure import CONTRIBUTOR, OPENAI_USER

_NO_CLUSTER = frozenset(
    f"exposed-key/{check}" for check in ("cluster-reachable", "kubectl-ready", "app-deployed", "key-in-sight")
)
_GONE = "identity.missing"
_GROUP = "azure.resource-group-missing"
_SUBJECT = "system:serviceaccount:{}:{}"
_CHAT = "live.permission-denied"

BREAKAGES = (
    Breakage(
        "the resource group's name is misspelt",
        {
            "exposed-key/resource-group": _GROUP,
            "exposed-key/openai-account": _GROUP,
            "exposed-key/chat-deployment": _GROUP,
        },
        lambda hands: hands.nothing(),
        settings={"RG_NAME": "myRessourceGroup"},
        says="myRessourceGroup",
        may=_NO_CLUSTER,
    ),
    Breakage(
        "the account's name is misspelt",
        {"exposed-key/openai-account": "account.missing", "exposed-key/chat-deployment": "account.missing"},
        lambda hands: hands.nothing(),
        settings={"AOAI_NAME": "myOpenAl"},
        says="myOpenAl",
    ),
    Breakage(
        "the account has no address of its own",
        {
            "exposed-key/openai-account": "account.no-subdomain",
            "exposed-key/chat-deployment": "deployment.model-missing",
        },
        lambda hands: hands.other_group("plain"),
        root=(
            *("account.no-subdomain", "deployment.model-missing", "role.control-plane-only"),
            *("cluster.missing", "identity.missing", "lock.key-sign-in-on"),
        ),
        settings={"RG_NAME": "otherGroup"},
        says="plain",
        may=_NO_CLUSTER,
    ),
    Breakage(
        "there are two accounts, and nobody says which",
        {"exposed-key/openai-account": "account.ambiguous"},
        lambda hands: hands.other_group("plain", "second"),
        root=("account.ambiguous", "cluster.missing", "identity.missing"),
        settings={"RG_NAME": "otherGroup"},
        says="plain, second",
        may=_NO_CLUSTER | {"exposed-key/chat-deployment"},
    ),
    Breakage(
        "the model's deployment is deleted",
        {"exposed-key/chat-deployment": "deployment.model-missing"},
        lambda hands: hands.no_model(),
        says="chat model",
    ),
    Breakage(
        "the cluster's name is misspelt",
        {
            "exposed-key/cluster-reachable": "cluster.missing",
            "exposed-key/kubectl-ready": "cluster.no-kubeconfig",
            "exposed-key/app-deployed": "cluster.missing",
            "exposed-key/key-in-sight": "cluster.missing",
            "enable-workload-identity/issuer-enabled": "cluster.missing",
            "enable-workload-identity/workload-identity-enabled": "cluster.missing",
            "enable-workload-identity/issuer-serves": "cluster.missing",
        },
        lambda hands: hands.nothing(),
        settings={"AKS_NAME": "myAKSCIuster"},
        says="myAKSCIuster",
    ),
    Breakage(
        "the learner's role is taken away",
        {"grant-yourself/role": "role.control-plane-only", "grant-yourself/token-accepted": "role.missing"},
        lambda hands: hands.no_role(hands.learner),
        says="Owner",
        solve=("grant-yourself",),
        waits=True,
    ),
    Breakage(
        "Workload Identity is turned off",
        {"enable-workload-identity/workload-identity-enabled": "workload-identity.disabled"},
        lambda hands: hands.workload_identity_off(),
        solve=("enable-workload-identity",),
    ),
    Breakage(
        "the identity's role is taken away",
        {
            "managed-identity/role": "identity.role-missing",
            "verify/answers-in-cluster": _CHAT,
            "verify/answers-through-shop": _CHAT,
            "lock-the-door/identity-works": _CHAT,
        },
        lambda hands: hands.no_role(hands.principal),
        solve=("managed-identity",),
        waits=True,
    ),
    Breakage(
        "the identity may manage the account, but not ask it",
        {"managed-identity/role": "identity.control-plane-only"},
        lambda hands: hands.no_role(hands.principal, instead=CONTRIBUTOR),
        says="Contributor",
    ),
    Breakage(
        "the identity's role is for another resource group",
        {"managed-identity/role": "identity.role-missing"},
        lambda hands: hands.no_role(
            hands.principal, instead=OPENAI_USER, scope=f"{hands.subscription}/resourceGroups/otherGroup"
        ),
    ),
    Breakage(
        "the identity trusts nobody",
        {
            f"federate/{check}": "federation.missing"
            for check in ("credential-exists", "issuer-matches", "subject-matches", "audience-matches")
        },
        lambda hands: hands.no_credential(),
        solve=("federate",),
    ),
    Breakage(
        "the credential is for another namespace",
        {"federate/subject-matches": "federation.subject-mismatch"},
        lambda hands: hands.credential(subject=_SUBJECT.format("pets", "ai-service-account")),
        says="the namespace is “pets” where “default” belongs",
        solve=("federate",),
    ),
    Breakage(
        "the credential is for another ServiceAccount",
        {"federate/subject-matches": "federation.subject-mismatch"},
        lambda hands: hands.credential(subject=_SUBJECT.format("default", "ai-service")),
        says="the ServiceAccount's name is “ai-service”",
    ),
    Breakage(
        "the credential's subject is right but for its case",
        {"federate/subject-matches": "federation.subject-mismatch"},
        lambda hands: hands.credential(subject=_SUBJECT.format("default", "AI-service-account")),
        says="case",
    ),
    Breakage(
        "the credential's issuer lacks its last slash",
        {"federate/issuer-matches": "federation.issuer-mismatch"},
        lambda hands: hands.credential(issuer=hands.issuer.rstrip("/")),
        says="slash",
        solve=("federate",),
    ),
    Breakage(
        "the credential's issuer is another cluster's",
        {"federate/issuer-matches": "federation.issuer-mismatch"},
        lambda hands: hands.credential(issuer="https://oidc.example.com/other/"),
        says="oidc.example.com",
    ),
    Breakage(
        "the credential's audience is another",
        {"federate/audience-matches": "federation.audience-mismatch"},
        lambda hands: hands.credential(audiences=["api://AzureADTokenExchanges"]),
        says="api://AzureADTokenExchanges",
        solve=("federate",),
    ),
    Breakage(
        "the app asks for a model that is deleted",
        {
            "verify/answers-in-cluster": "live.deployment-unknown",
            "verify/answers-through-shop": "live.deployment-unknown",
        },
        lambda hands: hands.no_model(),
        root=("deployment.model-missing",),
        says="DeploymentNotFound",
    ),
    Breakage(
        "keys are let in again",
        {
            "lock-the-door/key-sign-in-off": "lock.key-sign-in-on",
            "lock-the-door/key-refused": "lock.key-accepted",
        },
        lambda hands: hands.account_with(disableLocalAuth=False),
        solve=("lock-the-door",),
    ),
)

LAST = (
    Breakage(
        "the identity is deleted",
        {
            **{f"managed-identity/{check}": _GONE for check in ("identity-exists", "ids-known", "role")},
            **{
                f"federate/{check}": _GONE
                for check in ("credential-exists", "issuer-matches", "subject-matches", "audience-matches")
            },
            "service-account/client-id-matches": _GONE,
            "redeploy/injected": _GONE,
            "verify/identity-in-pods": _GONE,
            "lock-the-door/identity-works": _GONE,
        },
        lambda hands: hands.no_identity(),
        says="myIdentity",
        may=frozenset({"verify/answers-in-cluster", "verify/answers-through-shop"}),
        solve=("managed-identity", "federate", "service-account", "redeploy"),
    ),
)
"""What leaves another world behind: a new identity has other ids."""

HARMLESS = (
    Harmless(
        "the identity's role is at the resource group",
        ("managed-identity", "verify"),
        lambda hands: hands.no_role(hands.principal, instead=OPENAI_USER, scope=hands.group),
    ),
    Harmless(
        "the identity's role is of the organisation's own making",
        ("managed-identity", "verify"),
        lambda hands: hands.custom_role(hands.principal),
    ),
    Harmless(
        "the learner's role is at the resource group",
        ("grant-yourself",),
        lambda hands: hands.no_role(hands.learner, instead=OPENAI_USER, scope=hands.group),
    ),
    Harmless(
        "the identity trusts another cluster, too", ("federate",), lambda hands: hands.further_credential()
    ),
    Harmless(
        "the credential has another name",
        ("federate",),
        lambda hands: hands.nothing(),
        settings={"FEDERATED_CRED_NAME": "someOtherName"},
    ),
    Harmless(
        "the names' letters are of another case",
        ("exposed-key", "managed-identity", "federate"),
        lambda hands: hands.nothing(),
        settings={"RG_NAME": "MYRESOURCEGROUP", "MANAGED_IDENTITY_NAME": "MYIDENTITY"},
    ),
)
