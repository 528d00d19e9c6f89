from __future__ import annotations

import json
import uuid
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.issuer import IssuerReader
from workshop_tui.model import (
    Absent,
    AccountLog,
    FederatedCredentials,
    IdentityRoles,
    IssuerDocuments,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    OpenAIAccount,
    ResourceGroup,
    SignedIn,
)
from workshop_tui.practice import client
from workshop_tui.target import practice_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from world_facts import World

ACCOUNTS = "providers/Microsoft.CognitiveServices/accounts"


async def test_the_quickstart_is_found_without_a_name(world: World) -> None:
    group = await world.must_read(ResourceGroup)
    account = await world.must_read(OpenAIAccount)
    model = await world.must_read(ModelDeployment)
    cluster = await world.must_read(ManagedCluster)
    person = await world.must_read(SignedIn)
    endpoints = client.read_endpoints(practice_folder(world.settings.home))
    assert endpoints is not None
    assert group.name == world.target.names.resource_group
    # The group also has an account for speech, which a careless [0] would pick.
    assert (account.name, account.kind) == (endpoints["account_name"], "OpenAI")
    assert account.key_sign_in
    assert account.custom_subdomain
    assert model.name == endpoints["deployment_name"]
    assert cluster.name == endpoints["cluster_name"]
    assert (person.object_id, person.kind) == (endpoints["sign_in"]["object_id"], "ServicePrincipal")


async def test_a_resource_group_that_is_not_there(world: World) -> None:
    async with world.named(resource_group="nothing-here") as elsewhere, elsewhere.facts() as facts:
        found = await facts.read(OpenAIAccount)
        assert isinstance(found, Absent)
        assert found.cause == "azure.resource-group-missing"


async def test_names_are_looked_up_whatever_their_case(world: World) -> None:
    known = await world.must_read(OpenAIAccount)
    async with world.named(account=known.name.upper()) as named:
        assert (await named.must_read(OpenAIAccount)).id == known.id


@pytest.mark.parametrize(
    ("names", "kind", "cause"),
    [
        ({"account": "nobody"}, OpenAIAccount, "account.missing"),
        ({"account": "store-speech"}, OpenAIAccount, "account.missing"),
        ({"model_deployment": "nothing"}, ModelDeployment, "deployment.model-missing"),
        ({"cluster": "nowhere"}, ManagedCluster, "cluster.missing"),
        ({"identity": "nobody"}, ManagedIdentity, "identity.missing"),
        ({"identity": "nobody"}, FederatedCredentials, "identity.missing"),
        ({"identity": "nobody"}, IdentityRoles, "identity.missing"),
    ],
)
async def test_what_is_not_there_is_absent_with_its_cause(
    world: World, names: dict[str, str], kind: type, cause: str
) -> None:
    async with world.named(**names) as named:
        found = await named.read(kind)
        assert isinstance(found, Absent)
        assert found.cause == cause
        assert found.command.startswith("az ")


@pytest_asyncio.fixture
async def crowded(world: World) -> AsyncIterator[World]:
    """A resource group with two accounts that fit, and one that has no chat model."""
    arm = world.client(Arm)
    group = f"{arm.subscription}/resourceGroups/crowded"
    await arm.send("PUT", group, "2025-04-01", body={"location": "eastus"})
    for name in ("first", "second"):
        body = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
        await arm.send("PUT", f"{group}/{ACCOUNTS}/{name}", "2025-06-01", body=body)
    async with world.named(resource_group="crowded") as opened:
        yield opened


async def test_several_accounts_have_to_be_chosen_from(crowded: World) -> None:
    found = await crowded.read(OpenAIAccount)
    assert isinstance(found, Absent)
    assert found.cause == "account.ambiguous"
    assert "first, second" in found.detail
    async with crowded.named(account="second") as chosen:
        account = await chosen.must_read(OpenAIAccount)
        assert account.name == "second"
        assert account.custom_subdomain is None
        assert isinstance(await chosen.read(ModelDeployment), Absent)


async def test_the_identity_that_the_pods_service_account_points_to_wins(world: World) -> None:
    names = world.target.names
    named, other = [
        await world.azure.put_identity(name) for name in (names.identity, f"other-{uuid.uuid4()}")
    ]
    assert (await world.must_read(ManagedIdentity)).id == named.id
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": names.service_account,
            "namespace": names.namespace,
            "annotations": {"azure.workload.identity/client-id": other.client_id},
        },
    }
    await world.cluster.apply(account)
    try:
        found = await world.must_read(ManagedIdentity)
        assert found.id == other.id
        assert "ServiceAccount" in found.chosen_because
        # It points to nobody: then the name decides again.
        account["metadata"]["annotations"] = {"azure.workload.identity/client-id": str(uuid.uuid4())}  # type: ignore[index]
        await world.cluster.apply(account)
        assert (await world.must_read(ManagedIdentity)).id == named.id
    finally:
        await world.cluster.delete("ServiceAccount", names.namespace, names.service_account)
        for identity in (named, other):
            await world.azure.delete_identity(identity.id)


async def test_an_identitys_roles_and_credentials(world: World) -> None:
    identity = await world.azure.put_identity(world.target.names.identity)
    try:
        assert (await world.must_read(IdentityRoles)).grants == ()
        assert (await world.must_read(FederatedCredentials)).items == ()
        account = await world.must_read(OpenAIAccount)
        reader, user = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
        group = account.id.partition("/providers/")[0]
        for scope, role in ((group, reader), (account.id, user)):
            assert await world.azure.assign_role(
                scope=scope,
                role=role,
                principal_id=identity.principal_id,
                principal_kind="ServicePrincipal",
            )
        # Below the account: reaches nothing at the account itself.
        deployment = f"{account.id}/deployments/{(await world.must_read(ModelDeployment)).name}"
        await world.azure.assign_role(
            scope=deployment,
            role=reader,
            principal_id=identity.principal_id,
            principal_kind="ServicePrincipal",
        )
        roles = await world.must_read(IdentityRoles)
        assert {grant.role_name for grant in roles.grants} == {"Reader", "Cognitive Services OpenAI User"}
        assert {grant.scope.lower() for grant in roles.grants} == {group.lower(), account.id.lower()}
        assert all(grant.direct and grant.created is not None for grant in roles.grants)
    finally:
        await world.azure.delete_identity(identity.id)


async def test_the_issuer_is_off_then_serves(world: World) -> None:
    found = await world.read(IssuerDocuments)
    if isinstance(found, Absent):
        assert found.cause == "issuer.disabled"
    cluster = await world.must_read(ManagedCluster)
    async with aclosing(world.azure.update_cluster(cluster.id, oidc_issuer=True)) as statuses:
        async for _ in statuses:
            pass
    served = await world.must_read(IssuerDocuments)
    assert served.url == (await world.must_read(ManagedCluster)).issuer_url
    assert served.issuer == served.url
    assert served.url.endswith("/")
    assert served.jwks_uri.startswith("https://")


@pytest.mark.parametrize(
    ("issuer", "why"),
    [
        ("https://127.0.0.1:1/", "nothing listens"),
        ("https://name.invalid/", "cannot be found"),
        ("{arm}/", "HTTP 40"),
        ("not a url", "does not answer"),
    ],
)
async def test_an_issuer_that_serves_nothing_says_why(world: World, issuer: str, why: str) -> None:
    found = await world.client(IssuerReader).read(issuer.format(arm=world.target.arm))
    assert isinstance(found, str)
    assert why in found


async def test_the_account_tells_who_asked(world: World) -> None:
    log = await world.must_read(AccountLog)
    assert "api-key" not in json.dumps([str(item) for item in log.requests])
    assert list(log.requests) == sorted(log.requests, key=lambda item: item.time)
