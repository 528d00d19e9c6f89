"""What each check of the steps in Azure says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace

from cases_locking import LOCK
from steps_world import (
    CREDENTIAL,
    GROUP_ID,
    ISSUER,
    OWNER,
    SUBJECT,
    Case,
    but,
    grant,
)

from workshop_tui.authoring import (
    Absent,
    FederatedCredentials,
    IdentityRoles,
    IssuerDocuments,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Permissions,
    ResourceGroup,
    ServiceAccount,
    Unreadable,
)
from workshop_tui.findings import Verdict


def _credential(**changes: object) -> dict[type, object]:
    return {FederatedCredentials: FederatedCredentials("myIdentity", (replace(CREDENTIAL, **changes),))}  # type: ignore[arg-type]


NO_CREDENTIAL: dict[type, object] = {FederatedCredentials: FederatedCredentials("myIdentity", ())}

EXPOSED_KEY = (
    Case(
        "exposed-key/resource-group",
        "azure.resource-group-missing",
        {ResourceGroup: Absent("resource group x", "azure.resource-group-missing")},
    ),
    Case(
        "exposed-key/resource-group",
        "reading.no-permission",
        {ResourceGroup: Unreadable("the group", "forbidden", "reading.no-permission")},
        Verdict.UNKNOWN,
    ),
    Case(
        "exposed-key/openai-account",
        "account.ambiguous",
        {OpenAIAccount: Absent("single account", "account.ambiguous")},
    ),
    Case("exposed-key/openai-account", "account.wrong-kind", but(OpenAIAccount, kind="SpeechServices")),
    Case(
        "exposed-key/openai-account",
        "account.no-subdomain",
        but(OpenAIAccount, custom_subdomain=None),
        command="--custom-domain my-openai",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.not-chat",
        but(ModelDeployment, model="text-embedding-ada-002"),
        command="--deployment-name gpt-35-turbo && az cognitiveservices account deployment create",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        {ModelDeployment: Absent("a chat model", "deployment.model-missing")},
        command="deployment create --resource-group myResourceGroup --name my-openai"
        " --deployment-name gpt-35-turbo --model-format OpenAI",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        {
            ModelDeployment: Absent("model x", "deployment.model-missing", "az … list"),
            **but(Names, model_deployment="x"),
        },
        command="az … list",
    ),
    Case("exposed-key/chat-deployment", "deployment.not-ready", but(ModelDeployment, state="Failed")),
    Case(
        "exposed-key/chat-deployment",
        "deployment.not-ready",
        but(ModelDeployment, state="Creating"),
        Verdict.PENDING,
    ),
)

ENABLE = (
    Case(
        "enable-workload-identity/issuer-enabled",
        "issuer.disabled",
        but(ManagedCluster, oidc_issuer=False, issuer_url=""),
        command="--enable-oidc-issuer",
    ),
    Case(
        "enable-workload-identity/issuer-enabled",
        "issuer.disabled",
        but(ManagedCluster, issuer_url=""),
        says="without an address",
    ),
    Case(
        "enable-workload-identity/issuer-enabled",
        "cluster.busy",
        but(ManagedCluster, oidc_issuer=False, state="Updating"),
        Verdict.PENDING,
    ),
    Case(
        "enable-workload-identity/workload-identity-enabled",
        "workload-identity.disabled",
        but(ManagedCluster, workload_identity=False),
        command="az aks update --resource-group myResourceGroup --name myAKSCluster",
    ),
    Case(
        "enable-workload-identity/workload-identity-enabled",
        "cluster.busy",
        but(ManagedCluster, workload_identity=False, state="Updating"),
        Verdict.PENDING,
    ),
    Case(
        "enable-workload-identity/issuer-serves",
        "issuer.not-served",
        but(IssuerDocuments, issuer=ISSUER.rstrip("/")),
        says="The slash at its end is missing.",
    ),
    Case("enable-workload-identity/issuer-serves", "issuer.not-served", but(IssuerDocuments, key_ids=())),
    Case(
        "enable-workload-identity/issuer-serves",
        "issuer.not-served",
        but(IssuerDocuments, jwks_uri=f"{ISSUER}openid/v1/jwks".replace("https:", "http:")),
        says="at least one key at an https address",
    ),
    Case("enable-workload-identity/issuer-serves", "issuer.disabled", but(ManagedCluster, issuer_url="")),
    Case(
        "enable-workload-identity/issuer-serves",
        "issuer.not-served",
        {IssuerDocuments: Absent("discovery document", "issuer.not-served")},
        command="az aks update",
    ),
    Case(
        "enable-workload-identity/issuer-serves",
        "cluster.busy",
        {
            IssuerDocuments: Absent("discovery document", "issuer.not-served"),
            **but(ManagedCluster, state="Updating"),
        },
        Verdict.PENDING,
    ),
)

IDENTITY = (
    Case(
        "managed-identity/identity-exists",
        "identity.missing",
        {ManagedIdentity: Absent("managed identity myIdentity", "identity.missing")},
    ),
    Case("managed-identity/ids-known", "identity.ids-unknown", but(ManagedIdentity, principal_id="")),
    Case("managed-identity/ids-known", "identity.ids-unknown", but(ManagedIdentity, client_id="myIdentity")),
    Case(
        "managed-identity/role",
        "identity.role-missing",
        but(IdentityRoles, grants=()),
        command="--assignee-object-id 33333333-3333-4333-8333-333333333333",
    ),
    Case(
        "managed-identity/role",
        "identity.control-plane-only",
        but(IdentityRoles, grants=(OWNER,)),
        says="Owner",
    ),
    Case(
        "managed-identity/role",
        "identity.role-missing",
        but(IdentityRoles, grants=(grant(scope=f"{GROUP_ID}2"),)),
    ),
    Case(
        "managed-identity/role",
        "identity.role-missing",
        but(
            IdentityRoles,
            grants=(
                grant(
                    permissions=Permissions(
                        data_actions=("Microsoft.CognitiveServices/*",),
                        not_data_actions=("Microsoft.CognitiveServices/accounts/OpenAI/*/action",),
                    )
                ),
            ),
        ),
    ),
)

FEDERATE = (
    Case("federate/credential-exists", "federation.missing", NO_CREDENTIAL, command=f"--subject {SUBJECT}"),
    Case("federate/issuer-matches", "federation.missing", NO_CREDENTIAL),
    Case("federate/subject-matches", "federation.missing", NO_CREDENTIAL),
    Case("federate/audience-matches", "federation.missing", NO_CREDENTIAL),
    Case("federate/issuer-matches", "issuer.disabled", but(ManagedCluster, issuer_url="")),
    Case(
        "federate/issuer-matches",
        "federation.issuer-mismatch",
        _credential(issuer=ISSUER.rstrip("/")),
        says="The slash at its end is missing.",
        command="az identity federated-credential update --name myFederatedCredential",
    ),
    Case(
        "federate/issuer-matches",
        "federation.issuer-mismatch",
        _credential(issuer=ISSUER.replace("5555", "6666")),
        says="“6666/” where “5555/” belongs",
    ),
    Case(
        "federate/subject-matches",
        "federation.subject-mismatch",
        _credential(subject="system:serviceaccount:pets:ai-service-account"),
        says="the namespace is “pets” where “default” belongs",
    ),
    Case(
        "federate/subject-matches",
        "federation.subject-mismatch",
        _credential(subject="system:serviceaccount:default:AI-service-account"),
        says="upper and lower case only",
    ),
    Case(
        "federate/subject-matches",
        "federation.subject-mismatch",
        _credential(subject="ai-service-account"),
        says="From character 1 on",
    ),
    Case(
        "federate/subject-matches",
        "federation.subject-mismatch",
        {**_credential(), ServiceAccount: ServiceAccount("default", "my-account")},
        says="the ServiceAccount's name is “ai-service-account” where “my-account” belongs",
    ),
    Case(
        "federate/audience-matches",
        "federation.audience-mismatch",
        _credential(audiences=("api://azureadtokenexchange",)),
        says="upper and lower case only",
    ),
    Case("federate/audience-matches", "federation.audience-mismatch", _credential(audiences=())),
    Case(
        "federate/subject-matches",
        None,
        {
            FederatedCredentials: FederatedCredentials(
                "myIdentity",
                (replace(CREDENTIAL, name="other", subject="system:serviceaccount:a:b"), CREDENTIAL),
            )
        },
        Verdict.PASSED,
    ),
)

CASES = (*EXPOSED_KEY, *ENABLE, *IDENTITY, *FEDERATE, *LOCK)
