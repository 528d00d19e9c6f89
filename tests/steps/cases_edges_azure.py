"""Where a judgement of what is in Azure turns: just on this side, just on the other, and what is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    ACCOUNT_ID,
    CREDENTIAL,
    DEPLOYMENT,
    FINISHED,
    INJECTED,
    KEY,
    POD,
    SETTINGS,
    TEMPLATE,
    Case,
    answer,
    but,
    grant,
    pod_environment,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    AvailableModels,
    AzAccount,
    AzureClock,
    ClusterClock,
    Deployment,
    FederatedCredentials,
    IdentityAnswer,
    IdentityRoles,
    KeyAnswer,
    LearnerAnswer,
    LearnerRoles,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Pods,
    RoleGrant,
    ServiceAccount,
    SignedIn,
    Unreadable,
)
from workshop_tui.findings import Verdict

GREEN = Verdict.PASSED
LEFT_KEY = variable("OPENAI_API_KEY", KEY)
NO_MODEL: dict[type, object] = {ModelDeployment: Absent("a chat model", "deployment.model-missing")}
UNREAD = Unreadable("the account", "403 Forbidden", "reading.no-permission")
NOT_DEPLOYED: dict[type, object] = {
    Deployment: Absent("Deployment ai-service", "app.not-deployed", command="kubectl apply")
}


def _credential(**changes: object) -> dict[type, object]:
    return {FederatedCredentials: FederatedCredentials("myIdentity", (replace(CREDENTIAL, **changes),))}  # type: ignore[arg-type]


def _subject(subject: str, says: str) -> Case:
    return Case(
        "federate/subject-matches", "federation.subject-mismatch", _credential(subject=subject), says=says
    )


MODEL = (
    # The name is the learner's own, else what the app asks for, else the model's.
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        NO_MODEL,
        command="--deployment-name gpt-35-turbo --model-format OpenAI --model-name gpt-4.1-mini",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        {**NO_MODEL, **NOT_DEPLOYED},
        command="--deployment-name gpt-4.1-mini ",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        {**NO_MODEL, Deployment: replace(DEPLOYMENT, template=replace(TEMPLATE, containers=()))},
        command="--deployment-name gpt-4.1-mini ",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.not-chat",
        {**but(ModelDeployment, model="whisper", name="mine"), **but(Names, model_deployment="mine")},
        command="delete --resource-group myResourceGroup --name my-openai --deployment-name mine && az ",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.not-chat",
        {**but(ModelDeployment, model="whisper", name="mine"), **but(Names, model_deployment="mine")},
        command="create --resource-group myResourceGroup --name my-openai --deployment-name mine",
    ),
    # Which models there are, only the account knows.
    *(
        Case(
            "exposed-key/chat-deployment",
            "deployment.model-missing",
            {**NO_MODEL, AvailableModels: models},
            command="az cognitiveservices account list-models --resource-group myResourceGroup"
            " --name my-openai --output table",
        )
        for models in (AvailableModels(), UNREAD)
    ),
    Case(
        "exposed-key/app-deployed",
        "app.not-deployed",
        {**NOT_DEPLOYED, ServiceAccount: UNREAD},
        command="kubectl apply",
    ),
)

FEDERATION = (
    Case("federate/credential-exists", None, {}, GREEN, says="myFederatedCredential "),
    Case(
        "federate/credential-exists",
        None,
        {
            FederatedCredentials: FederatedCredentials(
                "myIdentity", (replace(CREDENTIAL, name="other", subject="repo:a"), CREDENTIAL)
            )
        },
        GREEN,
        says="myFederatedCredential, the best fitting of 2 ",
    ),
    Case(
        "federate/audience-matches", "federation.audience-mismatch", _credential(audiences=()), says="none "
    ),
    Case(
        "federate/audience-matches",
        "federation.audience-mismatch",
        _credential(audiences=("api://other",)),
        says="api://other ",
    ),
    _subject(
        "system:serviceaccount:pets:mine", "“pets” where “default” belongs and the ServiceAccount's name"
    ),
    _subject("system:serviceaccount:default", "From character 30 on it reads nothing"),
    _subject("system:serviceaccount:default:ai-service-account:x", "From character 49 on"),
    _subject("system:account:default:ai-service-account", "From character 8 on"),
    _subject("SYSTEM:SERVICEACCOUNT:DEFAULT:AI-SERVICE-ACCOUNT", "upper and lower case only"),
)

ROLE = "Cognitive Services OpenAI User"
LEARNER = (
    Case("grant-yourself/role", None, {}, GREEN, says=f"{ROLE} at {ACCOUNT_ID} "),
    Case(
        "grant-yourself/signed-in",
        None,
        {AzureClock: AzureClock(timedelta(minutes=6))},
        GREEN,
        says="this machine's clock is 6 minutes ahead of Azure's: set it by the network's time ",
    ),
    Case(
        "exposed-key/cluster-reachable",
        "cluster.clock-skew",
        {AzureClock: AzureClock(timedelta(minutes=6)), ClusterClock: ClusterClock(timedelta(0))},
        says="its clock is 6 minutes ahead of Azure's ",
    ),
    Case("grant-yourself/signed-in", None, {}, GREEN, says="me@example.org (user 77777777"),
    Case(
        "grant-yourself/signed-in",
        None,
        but(SignedIn, kind="ServicePrincipal"),
        GREEN,
        says="me@example.org (service principal 77777777",
    ),
    Case(
        "grant-yourself/role",
        "role.missing",
        {**but(LearnerRoles, grants=()), **but(SignedIn, name="ME@Example.org")},
    ),
    Case("grant-yourself/role", "role.missing", {**but(LearnerRoles, grants=()), AzAccount: UNREAD}),
    Case(
        "grant-yourself/role",
        None,
        but(LearnerRoles, grants=(replace(FINISHED[LearnerRoles].grants[0], scope="/", direct=False),)),
        GREEN,
        says="Cognitive Services OpenAI User at /, through a group ",
    ),
    *(
        Case("grant-yourself/token-accepted", cause, answer(LearnerAnswer, status), verdict)
        for status, cause, verdict in (
            (0, "reading.unreachable", Verdict.UNKNOWN),
            (500, "reading.unreachable", Verdict.UNKNOWN),
            (503, "reading.unreachable", Verdict.UNKNOWN),
            (499, "token.refused", Verdict.FAILED),
            (401, "token.refused", Verdict.FAILED),
            (429, "reading.throttled", Verdict.UNKNOWN),
        )
    ),
    Case(
        "grant-yourself/token-accepted",
        "account.no-subdomain",
        answer(LearnerAnswer, 400, "", "Please provide a custom subdomain for token authentication"),
    ),
    Case(
        "grant-yourself/token-accepted",
        "deployment.model-missing",
        answer(LearnerAnswer, 404, "DeploymentNotFound", "The API deployment does not exist."),
    ),
    Case("exposed-key/openai-account", "account.wrong-kind", but(OpenAIAccount, kind="FormRecognizer")),
    Case("exposed-key/openai-account", None, but(OpenAIAccount, kind="AIServices"), GREEN),
)


def _missed(missing: RoleGrant) -> dict[type, object]:
    return but(IdentityRoles, grants=(), others=(missing,))


IDENTITY = (
    Case("managed-identity/identity-exists", None, {}, GREEN, says="myIdentity in myResourceGroup "),
    Case(
        "managed-identity/identity-exists",
        None,
        but(ManagedIdentity, chosen_because="the only one with a credential"),
        GREEN,
        says="myIdentity in myResourceGroup, the only one with a credential ",
    ),
    Case("managed-identity/role", None, {}, GREEN, says=f"{ACCOUNT_ID} "),
    Case(
        "managed-identity/role",
        None,
        but(IdentityRoles, grants=(replace(grant(scope="/"), direct=False),)),
        GREEN,
        says="at /, through a group ",
    ),
    # Ids are compared as Azure does: letter case does not count.
    *(
        Case(
            "managed-identity/role",
            "identity.role-missing",
            {
                **_missed(grant(principal=written(identity), scope=f"{ACCOUNT_ID}2")),
                **but(ManagedIdentity, principal_id=identity),
            },
            says=f"no such role; myIdentity has Cognitive Services OpenAI User at {ACCOUNT_ID}2 ",
        )
        for identity in ("abcdefab-3333-4333-8333-333333333333", "ABCDEFAB-3333-4333-8333-333333333333")
        for written in (str.upper, str.lower)
    ),
    *(
        Case(
            "managed-identity/role",
            "identity.role-missing",
            {**_missed(grant(principal=written(client))), **but(ManagedIdentity, client_id=client)},
            says="is assigned to its client id, where the object id belongs",
        )
        for client in ("abcdefab-2222-4222-8222-222222222222", "ABCDEFAB-2222-4222-8222-222222222222")
        for written in (str.upper, str.lower)
    ),
    *(
        Case(
            "managed-identity/role",
            "identity.role-missing",
            {**_missed(grant(principal=written(me))), **but(SignedIn, object_id=me)},
            says="no such role a role with",
        )
        for me in ("abcdefab-7777-4777-8777-777777777777", "ABCDEFAB-7777-4777-8777-777777777777")
        for written in (str.upper, str.lower)
    ),
)

LOCK = (
    Case("lock-the-door/key-refused", "reading.unreachable", answer(KeyAnswer, 500), Verdict.UNKNOWN),
    Case("lock-the-door/key-refused", "lock.propagating", answer(KeyAnswer, 499), Verdict.PENDING),
    # What the account saw counts: a key that lies about is another step's business.
    Case("lock-the-door/identity-works", None, pod_environment(*SETTINGS, *INJECTED, LEFT_KEY), GREEN),
    Case(
        "lock-the-door/identity-works",
        "pod.key-exposed",
        {**but(IdentityAnswer, authentication=""), **pod_environment(*SETTINGS, *INJECTED, LEFT_KEY)},
        says=f"200, OPENAI_API_KEY (01…ef) in container ai-service, as plain text, pod {POD.name} ",
    ),
    Case(
        "lock-the-door/identity-works",
        "pod.key-exposed",
        but(IdentityAnswer, authentication="key"),
        says="200, the account saw a key ",
    ),
    *(
        Case(
            "lock-the-door/identity-works",
            None,
            {
                **but(IdentityAnswer, object_id=written(identity)),
                **but(ManagedIdentity, principal_id=identity),
            },
            GREEN,
            says="with a token of myIdentity: ",
        )
        for identity in ("abcdefab-3333-4333-8333-333333333333", "ABCDEFAB-3333-4333-8333-333333333333")
        for written in (str.upper, str.lower)
    ),
    Case("lock-the-door/identity-works", None, {Pods: UNREAD}, GREEN, says="with a token of myIdentity: "),
    Case(
        "lock-the-door/identity-works",
        "reading.unexpected",
        {**but(IdentityAnswer, authentication="", object_id=""), Pods: Absent("the pods", "app.no-pods")},
        Verdict.UNKNOWN,
        says="there are none",
    ),
)

CASES = (*MODEL, *FEDERATION, *LEARNER, *IDENTITY, *LOCK)
