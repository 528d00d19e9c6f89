"""Pods that signed in too early: with a token of the issuer of before, with a credential too young.

A world of its own: the issuer can be turned on but once, and credentials take their time here.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from breakages import Breakage, World
from breakages_world import practice_world
from hands_asking import until
from hands_cluster import DEPLOYMENT, containers

from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from breaking_hands import Hands
    from hands_asking import Document

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(300)]

UNSEEN_SECONDS = 120.0
"""How long a new credential is unknown at sign-in: in simulated time, twenty times as fast."""
ROLLED = "redeploy/rolled-out"
TOKEN = "/var/run/secrets/azure/tokens"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A new practice world, in which nothing has been done yet."""
    async with practice_world(tmp_path_factory.mktemp("before"), credential_seconds=UNSEEN_SECONDS) as made:
        yield made


def signing_in_by_hand(hands: Hands) -> Document:
    """Return the pod template of somebody who knows the token's volume, and does without the webhook."""
    live = hands.kubernetes("GET", DEPLOYMENT)
    app = containers(live)[0]
    identity = hands.arm("GET", hands.identity)["properties"]
    app["env"] = [
        {"name": name, "value": value}
        for name, value in {
            "USE_AZURE_OPENAI": "True",
            "USE_AZURE_AD": "True",
            "AZURE_OPENAI_ENDPOINT": hands.arm("GET", hands.account)["properties"]["endpoint"],
            "AZURE_OPENAI_DEPLOYMENT_NAME": hands.cloud["deployment_name"],
            "AZURE_CLIENT_ID": identity["clientId"],
            "AZURE_TENANT_ID": identity["tenantId"],
            "AZURE_AUTHORITY_HOST": f"{hands.cloud['entra']}/",
            "AZURE_FEDERATED_TOKEN_FILE": f"{TOKEN}/token",
        }.items()
    ]
    app.update(name="ai-service", image=hands.image, volumeMounts=[{"name": "token", "mountPath": TOKEN}])
    source = {"audience": "api://AzureADTokenExchange", "expirationSeconds": 3600, "path": "token"}
    spec = live["spec"]["template"]["spec"]
    spec["containers"] = [app]
    spec["serviceAccountName"] = "ai-service-account"
    spec["volumes"] = [{"name": "token", "projected": {"sources": [{"serviceAccountToken": source}]}}]
    template: Document = live["spec"]["template"]
    return template


def has_crashed(hands: Hands) -> bool:
    """Say whether one of the app's pods has been refused once."""
    found = hands.kubernetes("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Dai-service")
    statuses = [status for pod in found["items"] for status in pod["status"].get("containerStatuses") or ()]
    return any(status["restartCount"] for status in statuses)


async def test_a_token_of_the_issuer_of_before(world: World) -> None:
    hands = world.hands
    await world.solve("get-code", "edit-code", "build-push", "managed-identity")
    hands.kubernetes(
        "POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "ai-service-account"}}
    )
    template = signing_in_by_hand(hands)
    live = hands.kubernetes("GET", DEPLOYMENT)
    hands.kubernetes("PUT", DEPLOYMENT, {**live, "spec": {**live["spec"], "template": template}})
    until(lambda: has_crashed(hands))
    await world.solve("enable-workload-identity", "federate")
    outdated = Breakage(
        "the pods have a token of the issuer of before",
        {ROLLED: "pod.outdated-issuer"},
        lambda hands: hands.nothing(),
        says="AADSTS700211",
        may=frozenset(
            {
                *(f"redeploy/{check}" for check in ("image", "workload-label", "settings", "injected")),
                "redeploy/only-its-container",
                "redeploy/no-key",
            }
        ),
        waits=True,
    )
    await world.is_so(outdated)
    live = hands.kubernetes("GET", DEPLOYMENT)
    hands.kubernetes("PUT", DEPLOYMENT, {**live, "spec": hands.original["spec"]})


async def test_a_credential_that_is_not_known_everywhere_yet(world: World) -> None:
    hands = world.hands
    await world.solve(*(step.id for step in world.session.workshop.steps))
    await world.is_green(())
    before = hands.arm("GET", f"{hands.credentials}/myFederatedCredential")["properties"]
    hands.arm("DELETE", f"{hands.credentials}/myFederatedCredential")
    kept = {name: before[name] for name in ("issuer", "subject", "audiences")}
    hands.arm("PUT", f"{hands.credentials}/made-anew", {"properties": kept})
    restarted = {"kubectl.kubernetes.io/restartedAt": str(uuid.uuid4())}
    hands.patch(DEPLOYMENT, {"spec": {"template": {"metadata": {"annotations": restarted}}}})
    young = Breakage(
        "the credential is too young to be known everywhere",
        {},
        lambda hands: hands.nothing(),
        pending={ROLLED: "federation.propagating"},
        says="AADSTS70021",
        waits=True,
    )
    found = (await world.is_so(young))[ROLLED]
    assert (found.verdict, found.until is not None) == (Verdict.PENDING, True)
    await world.is_green(())
