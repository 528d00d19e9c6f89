"""Worlds for properties of the steps' checks: a finished workshop with any of its facts another way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from steps_world import (
    CLIENT_ID,
    CONTAINER,
    CREDENTIAL,
    DEPLOYMENT,
    DIGEST,
    FINISHED,
    INJECTED,
    KEY,
    LABEL,
    NOW,
    OTHER_DIGEST,
    PRINCIPAL_ID,
    REPOSITORY,
    SETTINGS,
    STATUS,
    TEMPLATE,
    grant,
    variable,
)

from workshop_tui.authoring import (
    TOKEN_AUDIENCE,
    Absent,
    Answer,
    ClusterDescription,
    Condition,
    Container,
    ContainerStatus,
    Deployment,
    FederatedCredentials,
    IdentityAnswer,
    IdentityRoles,
    KeyAnswer,
    LearnerAnswer,
    LearnerRoles,
    ManagedCluster,
    ManagedIdentity,
    OpenAIAccount,
    Permissions,
    Pod,
    Pods,
    PodSpec,
    PushedImage,
    ServiceAccount,
    ShopDescription,
    Sightings,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

World = dict[type, object]

EXPOSED = variable("OPENAI_API_KEY", KEY)
SIDECAR = Container("istio-proxy", "docker.io/istio/proxyv2:1.24", (variable("PILOT", "x"),))
TAG = f"{REPOSITORY}:1h"
FOREIGN = "ghcr.io/azure-samples/aks-store-demo/ai-service:latest"
REFUSED = (
    "AADSTS700213: No matching federated identity record found for presented assertion subject"
    " 'system:serviceaccount:default:ai-service-account'."
)
LOGS = ("", "starting", f"ClientAuthenticationError: {REFUSED}", "KeyError: 'x'", "PermissionDenied: lacks")


def rarely(right: object, *others: object) -> st.SearchStrategy[Any]:
    """Draw the right one three times of four."""
    return st.integers(0, 3).flatmap(lambda dice: st.sampled_from(others) if dice == 0 else st.just(right))


@st.composite
def containers(draw: st.DrawFn, *, injected: bool) -> tuple[Container, ...]:
    """Make the app's container and its neighbours; of pods, with what the webhook sets."""
    settings = list(
        draw(rarely(SETTINGS, SETTINGS[1:], (*SETTINGS[:3], variable("AZURE_OPENAI_ENDPOINT", ""))))
    )
    hidden = draw(rarely(None, EXPOSED, variable("OPENAI_API_KEY", "", "secret openai/key")))
    if hidden is not None:
        settings.append(hidden)
    if injected:
        missing = draw(rarely("", *(item.name for item in INJECTED), "all"))
        client_id = draw(rarely(CLIENT_ID, CLIENT_ID.upper(), PRINCIPAL_ID, ""))
        settings += [
            variable(item.name, client_id) if item.name == "AZURE_CLIENT_ID" else item
            for item in INJECTED
            if missing not in {item.name, "all"}
        ]
    image = draw(rarely(f"{REPOSITORY}@{DIGEST}", TAG, f"{REPOSITORY}@{OTHER_DIGEST}", FOREIGN))
    name = draw(rarely("ai-service", "app"))
    app = replace(CONTAINER, name=name, image=image, environment=tuple(settings))
    beside = draw(
        rarely((), (SIDECAR,), (replace(SIDECAR, environment=(EXPOSED,)),), (replace(SIDECAR, init=True),))
    )
    return (app, *beside)


@st.composite
def specs(draw: st.DrawFn, *, injected: bool) -> PodSpec:
    labels = draw(rarely(TEMPLATE.labels, {"app": "ai-service"}, {"app": "ai-service", LABEL: "True"}))
    account = draw(rarely("ai-service-account", "default"))
    return PodSpec(labels, {}, account, draw(containers(injected=injected)))


@st.composite
def statuses(draw: st.DrawFn, name: str, *, ready: bool) -> ContainerStatus:
    image_id = draw(
        rarely(f"{REPOSITORY}@{DIGEST}", f"{REPOSITORY}@{OTHER_DIGEST}", f"{FOREIGN}@{DIGEST}", "")
    )
    status = replace(STATUS, name=name, image_id=image_id)
    if ready:
        return status
    state, reason = draw(
        st.sampled_from(
            [
                *(("running", ""), ("waiting", "ContainerCreating"), ("waiting", "CrashLoopBackOff")),
                *(("waiting", "ErrImagePull"), ("waiting", "ImagePullBackOff"), ("terminated", "Error")),
                *(("terminated", "OOMKilled"), ("waiting", "CreateContainerConfigError"), ("waiting", "")),
            ]
        )
    )
    restarts = draw(st.integers(0, 3))
    exit_code = draw(st.sampled_from([None, 0, 1, 137]))
    return replace(
        status, ready=False, state=state, reason=reason, restarts=restarts, last_exit_code=exit_code
    )


@st.composite
def pods(draw: st.DrawFn, number: int = 0) -> Pod:
    spec = draw(specs(injected=True))
    ready = draw(st.integers(0, 3)) > 0
    return Pod(
        name=f"ai-service-{number}",
        phase=draw(rarely("Running", "Pending", "Succeeded", "Failed", "Unknown")),
        ready=ready,
        deleting=draw(st.integers(0, 3)) == 0,
        current=draw(st.integers(0, 3)) > 0,
        spec=spec,
        statuses=tuple(draw(statuses(item.name, ready=ready)) for item in spec.containers if not item.init),
        created=draw(st.none() | st.integers(0, 200).map(lambda ago: NOW - timedelta(seconds=ago))),
        log="" if ready else draw(st.sampled_from(LOGS)),
    )


@st.composite
def all_pods(draw: st.DrawFn) -> Pods:
    count = draw(st.sampled_from([0, 1, 1, 1, 2, 3]))
    warnings = draw(st.sampled_from([(), ("Pod x: FailedScheduling: 0/2 nodes are available",)]))
    return Pods(tuple(draw(pods(number)) for number in range(count)), warnings)


CONDITIONS = (
    Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing"),
    Condition("Progressing", "True", "NewReplicaSetAvailable", "has progressed"),
    Condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"),
    Condition("ReplicaFailure", "True", "FailedCreate", 'error: serviceaccount "x" not found'),
    Condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"),
    Condition("Available", "False", "MinimumReplicasUnavailable", ""),
)


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    wanted = draw(rarely(1, 0, 2))
    return replace(
        DEPLOYMENT,
        observed_generation=draw(rarely(2, 1)),
        wanted=wanted,
        replicas=draw(rarely(wanted, 0, 1, 2, 3)),
        updated=draw(rarely(wanted, 0, 1)),
        available=draw(rarely(wanted, 0, 1)),
        template=draw(specs(injected=False)),
        conditions=tuple(
            draw(rarely((), *((item,) for item in CONDITIONS), CONDITIONS[:1] + CONDITIONS[3:4]))
        ),
    )


def answers() -> st.SearchStrategy[Answer]:
    """Make answers of the app, the account and the shop: good, refused, silent."""
    return rarely(
        (200, "", "A rope that survives every dog."),
        (200, "", "  "),
        (0, "", "timed out"),
        (500, "", REFUSED),
        (500, "", "AADSTS700016: no application"),
        (401, "PermissionDenied", "The principal lacks the required data action"),
        (401, "401", "Access token is missing, invalid, audience is incorrect or have expired."),
        (401, "401", "Access denied due to invalid subscription key or wrong API endpoint."),
        (403, "AuthenticationTypeDisabled", "Key based authentication is disabled for this resource."),
        (403, "AccessDenied", "Public access is disabled."),
        (404, "DeploymentNotFound", "The API deployment for this resource does not exist."),
        (429, "429", "Requests have exceeded the rate limit"),
        (502, "", "error trying to reach service"),
        (503, "", "no endpoints available for service"),
    ).map(lambda item: Answer(item[0], item[1], item[2], "POST https://my-openai.openai.azure.com/"))


def _ages() -> st.SearchStrategy[datetime]:
    return st.integers(0, 600).map(lambda ago: NOW - timedelta(seconds=ago))


@st.composite
def grants(draw: st.DrawFn, principal: str) -> tuple[Any, ...]:
    right = grant(principal=principal, created=draw(_ages()))
    owner = grant(name="Owner", principal=principal, permissions=Permissions(actions=("*",)))
    found: tuple[Any, ...] = draw(
        rarely((right,), (), (owner,), (owner, right), (replace(right, direct=False),))
    )
    return found


def unread(kind: str) -> tuple[Absent, Unreadable]:
    """Return the two other forms that a reading can take."""
    return Absent(kind, "app.not-deployed"), Unreadable(kind, "no answer")


@st.composite
def some_credentials(draw: st.DrawFn) -> FederatedCredentials:
    issuer = CREDENTIAL.issuer
    items = [
        replace(
            CREDENTIAL,
            name=f"credential-{number}",
            issuer=draw(rarely(issuer, issuer.rstrip("/"), issuer.upper())),
            subject=draw(rarely(CREDENTIAL.subject, "system:serviceaccount:pets:ai-service-account")),
            audiences=draw(rarely((TOKEN_AUDIENCE,), ("api://azureadtokenexchange",), ())),
        )
        for number in range(draw(st.sampled_from([0, 1, 1, 2])))
    ]
    return FederatedCredentials("myIdentity", tuple(items))


def _facts() -> dict[type, st.SearchStrategy[Any]]:
    good: Mapping[type, Any] = FINISHED
    client_ids = rarely(CLIENT_ID, CLIENT_ID.upper(), PRINCIPAL_ID, "")
    accounts = client_ids.map(
        lambda text: replace(good[ServiceAccount], annotations={"azure.workload.identity/client-id": text})
    )
    pushed: PushedImage = good[PushedImage]
    yes, no = st.just(value=True), st.just(value=False)
    mostly, seldom = st.one_of(yes, yes, yes, no), st.one_of(no, no, no, yes)
    return {
        Deployment: deployments(),
        Pods: st.one_of(all_pods(), all_pods(), all_pods(), st.sampled_from(unread("the pods"))),
        FederatedCredentials: some_credentials(),
        Sightings: _ages().map(lambda seen: Sightings({CREDENTIAL.sighting: seen})),
        IdentityRoles: grants(PRINCIPAL_ID).map(lambda items: replace(good[IdentityRoles], grants=items)),
        LearnerRoles: grants("me").map(lambda items: replace(good[LearnerRoles], grants=items)),
        ManagedIdentity: st.sampled_from(unread("the identity")),
        ManagedCluster: st.builds(
            replace,
            st.just(good[ManagedCluster]),
            oidc_issuer=mostly,
            issuer_url=rarely(CREDENTIAL.issuer, ""),
            workload_identity=mostly,
            state=rarely("Succeeded", "Updating", "Failed"),
        ),
        OpenAIAccount: st.builds(
            replace,
            st.just(good[OpenAIAccount]),
            key_sign_in=seldom,
            custom_subdomain=rarely("my-openai", None),
        ),
        ServiceAccount: st.one_of(accounts, st.sampled_from(unread("the ServiceAccount"))),
        PushedImage: st.sampled_from(
            [replace(pushed, manifest=None), replace(pushed, evidence=None), *unread("the image")]
        ),
        LearnerAnswer: answers().map(LearnerAnswer),
        ClusterDescription: answers().map(ClusterDescription),
        ShopDescription: answers().map(lambda answer: ShopDescription(answer, "http://20.1.2.3")),
        KeyAnswer: answers().map(KeyAnswer),
        IdentityAnswer: st.builds(
            IdentityAnswer,
            answers(),
            rarely("token", "key", "none", ""),
            rarely(PRINCIPAL_ID, "", "other"),
        ),
    }


FACTS = _facts()


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Make a finished workshop in which up to four facts are drawn anew."""
    kinds = draw(
        st.sets(st.sampled_from(sorted(FACTS, key=lambda kind: kind.__name__)), min_size=1, max_size=4)
    )
    return {**FINISHED, **{kind: draw(FACTS[kind]) for kind in sorted(kinds, key=lambda kind: kind.__name__)}}
