"""Where a judgement of what is in Azure turns: just on this side, just on the other, and what is shown."""

from __future__ import annotations

from dataclasses import replace

from steps_world import (
    CREDENTIAL,
    DEPLOYMENT,
    FINISHED,
    TEMPLATE,
    Case,
    answer,
    but,
)

from workshop_tui.authoring import (
    Absent,
    AzAccount,
    Deployment,
    FederatedCredentials,
    LearnerAnswer,
    LearnerRoles,
    ModelDeployment,
    Names,
    OpenAIAccount,
    ServiceAccount,
    SignedIn,
    Unreadable,
)
from workshop_tui.findings import Verdict

GREEN = Verdict.PASSED
NO_MODEL: dict[type, object] = {ModelDeployment: Absent("a chat model", "deployment.model-missing")}
UNREAD = Unreadable("the account", "403 Forbidden", "reading.no-permission")
NOT_DEPLOYED: dict[type, object] = {Deployment: Absent("Deployment ai-service", "app.not-deployed", command="kubectl apply")}


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

LEARNER = (
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

CASES = (*MODEL, *FEDERATION, *LEARNER)
