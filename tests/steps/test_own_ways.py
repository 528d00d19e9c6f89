"""Right, but done differently: in each of these worlds every check of every step must pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from steps_world import (
    CHECKS,
    CLIENT_ID,
    CLIENT_ID_ANNOTATION,
    CONTAINER,
    CREDENTIAL,
    DIGEST,
    FINGERPRINT,
    FINISHED,
    GROUP_ID,
    LONG_AGO,
    OTHER_DIGEST,
    POD,
    SETTINGS,
    STATUS,
    TEMPLATE,
    but,
    container,
    grant,
    judge_in,
    variable,
)

from workshop_tui.authoring import (
    TOKEN_AUDIENCE,
    Absent,
    Container,
    Deployment,
    EnvironmentSource,
    Evidence,
    FederatedCredential,
    FederatedCredentials,
    IdentityRoles,
    ImageManifest,
    LearnerRoles,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Permissions,
    Pods,
    PodSpec,
    PushedImage,
    ServiceAccount,
)
from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from workshop_tui.authoring import RoleGrant

World = dict[type, object]
SUBSCRIPTION = GROUP_ID.partition("/resourceGroups")[0]
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/shop"
SIDECAR = Container("log-shipper", "ghcr.io/shop/log-shipper:1", (), (), (), "")
VAULT = (
    variable("KEY_VAULT_NAME", "shop-vault"),
    variable("AZURE_KEYVAULT_URL", "https://shop-vault.vault.azure.net/"),
    variable("AZURE_OPENAI_KEY_SECRET_NAME", "openai-api-key"),
)


def roles(*grants: RoleGrant) -> World:
    """Return a world in which learner and identity have these roles and no others."""
    return {**but(IdentityRoles, grants=grants), **but(LearnerRoles, grants=grants)}


def spec(change: PodSpec) -> World:
    """Return a world whose Deployment and pod have this pod template, the pod with what was injected."""
    injected = POD.spec.containers[0].environment[len(SETTINGS) :]
    inside = tuple(
        replace(item, environment=(*item.environment, *injected)) if item.name == "ai-service" else item
        for item in change.containers
    )
    ids = tuple(
        replace(STATUS, name=item.name, image=item.image, image_id=_id(item.image))
        for item in change.containers
    )
    return {
        **but(Deployment, template=change),
        Pods: Pods((replace(POD, spec=replace(change, containers=inside), statuses=ids),)),
    }


def _id(image: str) -> str:
    return image if "@" in image else f"{image.rpartition(':')[0]}@{DIGEST}"


def app(**changes: object) -> World:
    """Return a world whose app's container is another in this."""
    return spec(replace(TEMPLATE, containers=(replace(CONTAINER, **changes),)))  # type: ignore[arg-type]


def trusting(namespace: str, account: str) -> World:
    """Return a world in which the app lies in another namespace, or uses another ServiceAccount."""
    subject = f"system:serviceaccount:{namespace}:{account}"
    template = replace(TEMPLATE, service_account=account)
    return {
        **spec(template),
        **but(Deployment, namespace=namespace, template=template),
        ServiceAccount: ServiceAccount(namespace, account, {CLIENT_ID_ANNOTATION: CLIENT_ID.upper()}),
        **but(FederatedCredentials, items=(replace(CREDENTIAL, subject=subject),)),
        **but(Names, namespace=namespace),
    }


def pulled_from(reference: str) -> World:
    """Return a world in which the image lies in a registry that keeps it."""
    manifest = ImageManifest(reference, DIGEST, ("linux/amd64", "linux/arm64"), None)
    evidence = Evidence("image-push", FINGERPRINT, LONG_AGO, {"reference": reference, "digest": DIGEST})
    return {
        **app(image=f"{reference.rpartition(':')[0]}@{DIGEST}"),
        **but(Names, image=reference, registry=reference.partition("/")[0]),
        PushedImage: PushedImage(reference, manifest, evidence),
    }


def pushed_by_hand(reference: str, before: World) -> World:
    """Return a world whose pods run an image that the tool never saw, from a registry of one's own."""
    world = app(image=reference)
    status = replace(STATUS, image=reference, image_id=f"{reference.rpartition(':')[0]}@{OTHER_DIGEST}")
    pods = tuple(replace(item, statuses=(status,)) for item in world[Pods].items)  # type: ignore[attr-defined]
    return {**world, Pods: Pods(pods), **before}


def another_identity() -> World:
    name, path = "shop-writer", f"{GROUP_ID}2/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    return {
        **but(ManagedIdentity, name=name, id=f"{path}/{name}"),
        **but(FederatedCredentials, identity=name),
    }


def another_account() -> World:
    endpoint = "https://writers.cognitiveservices.azure.com"
    account = replace(FINISHED[OpenAIAccount], name="writers", kind="AIServices", custom_subdomain="writers")
    settings = (*SETTINGS[:3], variable("AZURE_OPENAI_ENDPOINT", endpoint))
    return {
        **app(environment=settings),
        OpenAIAccount: replace(account, endpoint="https://writers.openai.azure.com/"),
        **but(Names, account=""),
    }


def several_credentials() -> World:
    issuers = ("https://token.actions.githubusercontent.com", "https://oidc.example.com/last-week/")
    others = tuple(
        FederatedCredential(f"a{number}", issuer, CREDENTIAL.subject, (TOKEN_AUDIENCE,))
        for number, issuer in enumerate(issuers)
    )
    return but(FederatedCredentials, items=(*others, CREDENTIAL))


def from_a_config_map() -> World:
    bundle = EnvironmentSource(
        "configmap",
        "ai-settings",
        "envFrom",
        tuple(item.name for item in SETTINGS),
        tuple(item.value for item in SETTINGS),
    )
    return app(environment=(), sources=(bundle,))


_CHAT = Permissions(data_actions=("Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/*/action",))
_ALL = Permissions(
    actions=("Microsoft.CognitiveServices/*/read",), data_actions=("Microsoft.CognitiveServices/*",)
)
WAYS: dict[str, World] = {
    "the role comes through a group": roles(grant(principal="88888888-8888-4888-8888-888888888888")),
    "the role is at the resource group": roles(grant(scope=GROUP_ID)),
    "the role is at the subscription": roles(grant(scope=SUBSCRIPTION)),
    "the role is at a management group": roles(grant(scope=MANAGEMENT_GROUP)),
    "the role is of their own making": roles(grant(name="Asks the model", permissions=_CHAT)),
    "the role allows more": roles(grant(name="Cognitive Services User", permissions=_ALL)),
    "the identity has another name": another_identity(),
    "the credential has another name": but(
        FederatedCredentials, items=(replace(CREDENTIAL, name="store-in-myAKSCluster"),)
    ),
    "the ServiceAccount has another name": trusting("default", "shop-writer"),
    "the app is in another namespace": trusting("pets", "ai-service-account"),
    "the account has another name": another_account(),
    "the identity has several credentials": several_credentials(),
    "the image is from ACR": pulled_from("shop.azurecr.io/ai/service:v1"),
    "the image is from GHCR": pulled_from("ghcr.io/me/ai-service:latest"),
    "the image was pushed to ACR by hand, and never by this tool": pushed_by_hand(
        "shop.azurecr.io/ai/service:v1", {PushedImage: Absent("image", "image.missing")}
    ),
    "the image was pushed to GHCR by hand, after the tool's had expired": pushed_by_hand(
        "ghcr.io/me/ai-service:latest", but(PushedImage, manifest=None)
    ),
    "the image lies in another repository, too": spec(
        replace(TEMPLATE, containers=(replace(CONTAINER, image="ttl.sh/shop/released:1h"),))
    ),
    "the image is asked for by its tag": app(image=FINISHED[Names].image),
    "a key vault was used once": app(environment=(*SETTINGS, *VAULT)),
    "there is a sidecar": spec(replace(TEMPLATE, containers=(SIDECAR, CONTAINER))),
    "there is an init container": spec(
        replace(TEMPLATE, containers=(replace(SIDECAR, init=True), CONTAINER))
    ),
    "there are three pods": {
        **but(Deployment, wanted=3, replicas=3, updated=3, available=3),
        Pods: Pods(tuple(replace(POD, name=f"ai-service-6d5f-{number}") for number in range(3))),
    },
    "the app asks another deployment of the model": {
        **app(environment=(*SETTINGS[:2], variable("AZURE_OPENAI_DEPLOYMENT_NAME", "mine"), SETTINGS[3])),
        **but(ModelDeployment, beside=("mine",)),
    },
    "the settings come from a ConfigMap": from_a_config_map(),
    "the switches are in small letters": app(
        environment=(variable("USE_AZURE_OPENAI", "true"), variable("USE_AZURE_AD", "TRUE"), *SETTINGS[2:])
    ),
    "the Deployment names the identity itself, and rightly": app(
        environment=(variable("AZURE_CLIENT_ID", CLIENT_ID), *SETTINGS)
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_another_right_way_is_green_at_every_check(way: str) -> None:
    world = {**FINISHED, **WAYS[way]}
    findings = {check: await judge_in(check, world) for check in CHECKS}
    assert {check: found for check, found in findings.items() if found.verdict is not Verdict.PASSED} == {}


@pytest.mark.parametrize("app", ["ghcr.io/azure-samples/aks-store-demo/ai-service:latest", "nginx:latest"])
async def test_a_sidecar_from_elsewhere_makes_no_image_of_the_learners(app: str) -> None:
    """What counts is the app's own container."""
    containers = (replace(CONTAINER, image=app), replace(SIDECAR, image="quay.io/fluent/fluent-bit:3"))
    never: World = {PushedImage: Absent("image", "image.missing")}
    world = {**FINISHED, **spec(replace(TEMPLATE, containers=containers)), **never}
    assert (await judge_in("build-push/image-available", world)).cause == "image.missing"
    assert (await judge_in("redeploy/image", world)).cause == "pod.wrong-image"


async def test_a_deployment_that_is_not_there_is_still_a_fault() -> None:
    settings = (*SETTINGS[:2], variable("AZURE_OPENAI_DEPLOYMENT_NAME", "yours"), SETTINGS[3])
    world = {**FINISHED, **container(environment=settings), **but(ModelDeployment, beside=("mine",))}
    assert (await judge_in("redeploy/settings", world)).cause == "pod.settings-wrong"
