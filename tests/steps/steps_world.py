"""A finished workshop as facts, and small ways to change it: what the tests of checks are written in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from workshop_tui.authoring import (
    CHAT_ACTION,
    PINNED_COMMIT,
    TOKEN_AUDIENCE,
    TOKEN_SCOPE,
    Answer,
    AppLog,
    AppService,
    AvailableModel,
    AvailableModels,
    AzAccount,
    AzureClock,
    Checkout,
    ClusterAccess,
    ClusterClock,
    ClusterDescription,
    Container,
    ContainerStatus,
    Deployment,
    EnvironmentVariable,
    Evidence,
    FederatedCredential,
    FederatedCredentials,
    IdentityAnswer,
    IdentityRoles,
    ImageManifest,
    IssuerDocuments,
    KeyAnswer,
    KubeconfigContext,
    LearnerAnswer,
    LearnerRoles,
    LocalRun,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    Names,
    Now,
    OpenAIAccount,
    Permissions,
    Pod,
    Pods,
    PodSpec,
    ProbedService,
    PushedImage,
    Requirements,
    ResourceGroup,
    RoleGrant,
    RunningImage,
    Sensitive,
    ServiceAccount,
    ServicePort,
    ShopDescription,
    Sightings,
    SignedIn,
    SourceBehaviour,
    SourceScenario,
)
from workshop_tui.facts.engine import Facts
from workshop_tui.findings import Finding, Verdict
from workshop_tui.guide_judging import judge
from workshop_tui.step_code import load_code
from workshop_tui.workshop import find_bundled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.step_code import Check

T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
KEY = "0123456789abcdef0123456789abcdef"
"""What an account's key looks like; it opens nothing."""
GROUP_ID = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/myResourceGroup"
ACCOUNT_ID = f"{GROUP_ID}/providers/Microsoft.CognitiveServices/accounts/my-openai"
CLUSTER_ID = f"{GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/myAKSCluster"
IDENTITY_ID = f"{GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/myIdentity"
CLIENT_ID = "22222222-2222-4222-8222-222222222222"
PRINCIPAL_ID = "33333333-3333-4333-8333-333333333333"
TENANT_ID = "44444444-4444-4444-8444-444444444444"
ISSUER = "https://westeurope.oic.prod-aks.azure.com/44444444-4444-4444-8444-444444444444/5555/"
SUBJECT = "system:serviceaccount:default:ai-service-account"
REPOSITORY = "ttl.sh/66666666-6666-4666-8666-666666666666"
DIGEST = "sha256:" + "a" * 64
OTHER_DIGEST = "sha256:" + "b" * 64
FINGERPRINT = "f" * 64
LABEL = "azure.workload.identity/use"
CLIENT_ID_ANNOTATION = "azure.workload.identity/client-id"
ASK = "POST https://my-openai.openai.azure.com/"


def steps() -> tuple[str, ...]:
    """Return the ids of all steps, in order."""
    import tomllib  # noqa: PLC0415 - used here alone

    settings = tomllib.loads((find_bundled() / "workshop.toml").read_text(encoding="utf-8"))
    return tuple(entry["id"] for entry in settings["steps"])


CODE = {step: load_code(find_bundled(), step) for step in steps()}
CHECKS: Mapping[str, Check] = {
    f"{step}/{check.id}": check for step, code in CODE.items() for check in code.checks
}


@dataclass(frozen=True)
class Case:
    """A finished workshop, changed for just this: what one check must say then."""

    check: str
    cause: str | None
    facts: Mapping[type, object] = field(default_factory=dict)
    verdict: Verdict = Verdict.FAILED
    says: str = ""
    """What must stand in the finding, wherever."""
    command: str = ""
    """What must stand in its command."""

    def __str__(self) -> str:
        return f"{self.check}:{self.cause or self.verdict.value}:{self.says or '-'}".replace(" ", "_")[:90]


async def judge_in(check: str, world: Mapping[type, object]) -> Finding:
    """Judge one check as the engine does, on these facts alone."""
    async with Facts(world, {}) as facts:
        return await judge(facts, CHECKS[check])


def variable(name: str, value: str, source: str = "value") -> EnvironmentVariable:
    return EnvironmentVariable(name, Sensitive(value), source)


def grant(
    *,
    scope: str = ACCOUNT_ID,
    name: str = "Cognitive Services OpenAI User",
    principal: str = PRINCIPAL_ID,
    created: datetime | None = LONG_AGO,
    permissions: Permissions | None = None,
) -> RoleGrant:
    allowed = permissions or Permissions(
        actions=("Microsoft.CognitiveServices/*/read",), data_actions=(CHAT_ACTION,)
    )
    return RoleGrant(f"{scope}/ra/1", scope, name, "role-id", principal, (allowed,), created)


OWNER = grant(name="Owner", scope=GROUP_ID, permissions=Permissions(actions=("*",)))

SETTINGS = (
    variable("USE_AZURE_OPENAI", "True"),
    variable("USE_AZURE_AD", "True"),
    variable("AZURE_OPENAI_DEPLOYMENT_NAME", "gpt-35-turbo"),
    variable("AZURE_OPENAI_ENDPOINT", "https://my-openai.openai.azure.com/"),
)
INJECTED = (
    variable("AZURE_CLIENT_ID", CLIENT_ID),
    variable("AZURE_TENANT_ID", TENANT_ID),
    variable("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token"),
    variable("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
)
CONTAINER = Container("ai-service", f"{REPOSITORY}@{DIGEST}", SETTINGS, (), (5001,), "128Mi")
TEMPLATE = PodSpec({"app": "ai-service", LABEL: "true"}, {}, "ai-service-account", (CONTAINER,))
DEPLOYMENT = Deployment("default", "ai-service", 2, 2, 1, 1, 1, 1, TEMPLATE, {"app": "ai-service"})
STATUS = ContainerStatus(
    "ai-service",
    ready=True,
    restarts=0,
    state="running",
    image=f"{REPOSITORY}@{DIGEST}",
    image_id=f"{REPOSITORY}@{DIGEST}",
)
POD = Pod(
    name="ai-service-6d5f-abcde",
    phase="Running",
    ready=True,
    deleting=False,
    current=True,
    spec=replace(TEMPLATE, containers=(replace(CONTAINER, environment=(*SETTINGS, *INJECTED)),)),
    statuses=(STATUS,),
    created=LONG_AGO,
)
GOOD = Answer(200, "", "A rope that survives every dog.", ASK)
CREDENTIAL = FederatedCredential("myFederatedCredential", ISSUER, SUBJECT, (TOKEN_AUDIENCE,))

_TOKEN = ProbedService("azure", "token", as_token=True)
_KEY = ProbedService("azure", "key", as_token=False)
_WITH_TOKEN = {"services": (_TOKEN,), "credentials": ("DefaultAzureCredential",), "scopes": (TOKEN_SCOPE,)}
_NO_KEY = "OPENAI_API_KEY environment variable must be set"
SCENARIOS = {
    item.name: item
    for item in (
        SourceScenario("token-without-key", "", **_WITH_TOKEN),  # type: ignore[arg-type]
        SourceScenario("token-with-key", "", **_WITH_TOKEN),  # type: ignore[arg-type]
        SourceScenario("key", "", (_KEY,)),
        SourceScenario("key-ad-false", "", (_KEY,)),
        SourceScenario("nothing", _NO_KEY),
        SourceScenario("ad-false-no-key", _NO_KEY),
        SourceScenario("ad-empty-no-key", _NO_KEY),
        SourceScenario("direct", "", (ProbedService("openai", "key", as_token=False),)),
        SourceScenario("direct-no-org", "OPENAI_ORG_ID environment variable must be set"),
        SourceScenario("direct-no-key", _NO_KEY),
    )
}

FINISHED: Mapping[type, Any] = {
    Names: Names(
        "11111111-1111-4111-8111-111111111111",
        cluster="myAKSCluster",
        account="my-openai",
        image=f"{REPOSITORY}:1h",
        source="/home/learner/aks-store-demo",
    ),
    Now: Now(NOW),
    AzureClock: AzureClock(timedelta(0)),
    ClusterClock: ClusterClock(timedelta(0)),
    Sightings: Sightings({CREDENTIAL.sighting: LONG_AGO}),
    ResourceGroup: ResourceGroup(GROUP_ID, "myResourceGroup", "westeurope"),
    OpenAIAccount: OpenAIAccount(
        ACCOUNT_ID,
        "my-openai",
        "OpenAI",
        "westeurope",
        "https://my-openai.openai.azure.com/",
        "my-openai",
        key_sign_in=False,
    ),
    ModelDeployment: ModelDeployment("gpt-35-turbo", "gpt-35-turbo", "Succeeded"),
    AvailableModels: AvailableModels(
        (
            AvailableModel(
                *("gpt-4.1-mini", "2025-04-14", ("GlobalStandard",)),
                chats=True,
                is_default=True,
                status="GenerallyAvailable",
            ),
        )
    ),
    ManagedCluster: ManagedCluster(
        CLUSTER_ID,
        "myAKSCluster",
        "westeurope",
        "Succeeded",
        oidc_issuer=True,
        issuer_url=ISSUER,
        workload_identity=True,
    ),
    ClusterAccess: ClusterAccess("https://my.fqdn:443", "v1.34.0", "kubeconfig"),
    KubeconfigContext: KubeconfigContext(
        "myAKSCluster", "https://my.fqdn:443", "/home/me/.kube/config", current=True
    ),
    Deployment: DEPLOYMENT,
    AppService: AppService("default", "ai-service", {"app": "ai-service"}, (ServicePort(5001, "5001"),)),
    Pods: Pods((POD,)),
    Checkout: Checkout(
        "/home/learner/aks-store-demo",
        PINNED_COMMIT,
        is_starter=False,
        missing=(),
        fingerprint=FINGERPRINT,
    ),
    SignedIn: SignedIn("77777777-7777-4777-8777-777777777777", TENANT_ID, "me@example.org", "User"),
    AzAccount: AzAccount("Me@example.org", "user"),
    LearnerRoles: LearnerRoles("me", ACCOUNT_ID, (grant(principal="me"),)),
    LearnerAnswer: LearnerAnswer(GOOD),
    Requirements: Requirements({"fastapi": "==0.95.2", "azure-identity": "==1.14.0"}),
    SourceBehaviour: SourceBehaviour("routers/description_generator.py", "", SCENARIOS),
    LocalRun: LocalRun(
        live=False,
        at=LONG_AGO,
        healthy=True,
        description="A rope.",
        problem="",
        key_in_environment=False,
        account_saw="token",
        fingerprint=FINGERPRINT,
    ),
    PushedImage: PushedImage(
        f"{REPOSITORY}:1h",
        ImageManifest(f"{REPOSITORY}:1h", DIGEST, ("linux/amd64",), NOW + timedelta(minutes=50)),
        Evidence("image-push", FINGERPRINT, LONG_AGO, {"reference": f"{REPOSITORY}:1h", "digest": DIGEST}),
    ),
    RunningImage: RunningImage(STATUS.image_id),
    IssuerDocuments: IssuerDocuments(
        f"{ISSUER}.well-known/openid-configuration", ISSUER, f"{ISSUER}openid/v1/jwks", ("one",)
    ),
    ManagedIdentity: ManagedIdentity(IDENTITY_ID, "myIdentity", CLIENT_ID, PRINCIPAL_ID, TENANT_ID),
    IdentityRoles: IdentityRoles(PRINCIPAL_ID, ACCOUNT_ID, (grant(),)),
    FederatedCredentials: FederatedCredentials("myIdentity", (CREDENTIAL,)),
    ServiceAccount: ServiceAccount("default", "ai-service-account", {CLIENT_ID_ANNOTATION: CLIENT_ID}),
    ClusterDescription: ClusterDescription(GOOD),
    AppLog: AppLog(""),
    ShopDescription: ShopDescription(GOOD, "http://20.1.2.3"),
    KeyAnswer: KeyAnswer(
        Answer(
            403, "AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.", ASK
        )
    ),
    IdentityAnswer: IdentityAnswer(GOOD, "token", PRINCIPAL_ID),
}


def but(kind: type[T], /, **changes: Any) -> dict[type, object]:
    """Return that fact of the finished world with some fields changed."""
    return {kind: replace(FINISHED[kind], **changes)}


def template(**changes: Any) -> dict[type, object]:
    """Return the Deployment with its pod template changed."""
    return but(Deployment, template=replace(TEMPLATE, **changes))


def container(**changes: Any) -> dict[type, object]:
    """Return the Deployment with its one container changed."""
    return template(containers=(replace(CONTAINER, **changes),))


def pod(**changes: Any) -> dict[type, object]:
    """Return the pods with the one pod changed."""
    return {Pods: Pods((replace(POD, **changes),))}


def pod_environment(*variables: EnvironmentVariable) -> dict[type, object]:
    """Return the pods with another environment in the one pod's container."""
    inside = replace(POD.spec, containers=(replace(POD.spec.containers[0], environment=variables),))
    return pod(spec=inside)


def answer(kind: type, status: int, code: str = "", text: str = "") -> dict[type, object]:
    """Return that live answer, changed."""
    return {kind: replace(FINISHED[kind], answer=Answer(status, code, text, ASK))}


def scenario(name: str, **changes: Any) -> dict[type, object]:
    """Return the source's behaviour with one scenario changed."""
    changed = {**SCENARIOS, name: replace(SCENARIOS[name], **changes)}
    return but(SourceBehaviour, scenarios=changed)
