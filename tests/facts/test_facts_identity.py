"""Which identity is the app's, and what was given to others in its place."""

from __future__ import annotations

import uuid
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from workshop_tui.authoring import OPENAI_USER_ROLE, TOKEN_AUDIENCE
from workshop_tui.cloud import versions
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import IDENTITIES, identity_of
from workshop_tui.model import (
    Absent,
    AppService,
    IdentityRoles,
    ManagedCluster,
    ManagedIdentity,
    OpenAIAccount,
    ServiceAccount,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from world_facts import World

CLIENT_ID = "azure.workload.identity/client-id"


@pytest_asyncio.fixture
async def trusting(world: World) -> AsyncIterator[ManagedIdentity]:
    """The identity of the workshop's name, which trusts the app's pods."""
    cluster = await world.must_read(ManagedCluster)
    async with aclosing(world.azure.update_cluster(cluster.id, oidc_issuer=True)) as statuses:
        async for _ in statuses:
            pass
    identity: ManagedIdentity = await world.azure.put_identity(world.target.names.identity)
    await trust(world, identity)
    yield identity
    names = world.target.names
    await world.cluster.delete("ServiceAccount", names.namespace, names.service_account)
    await world.azure.delete_identity(identity.id)


async def trust(world: World, identity: ManagedIdentity) -> None:
    """Let the identity trust the pods of the workshop's ServiceAccount."""
    names = world.target.names
    await world.azure.put_federated_credential(
        identity_id=identity.id,
        name="fitting",
        issuer=(await world.must_read(ManagedCluster)).issuer_url,
        subject=f"system:serviceaccount:{names.namespace}:{names.service_account}",
        audience=TOKEN_AUDIENCE,
    )


async def point_to(world: World, identity: ManagedIdentity) -> None:
    """Let the ServiceAccount point to the identity."""
    names = world.target.names
    await world.cluster.apply(account_in(names.namespace, names.service_account, identity.client_id))


def account_in(namespace: str, name: str, client_id: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "annotations": {CLIENT_ID: client_id}}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


async def test_one_that_does_not_trust_the_pods_is_not_the_apps(
    world: World, trusting: ManagedIdentity
) -> None:
    other = await world.azure.put_identity(f"other-{uuid.uuid4()}")
    try:
        await point_to(world, other)
        found = await world.must_read(ManagedIdentity)
        assert (found.id, found.instead_of) == (
            trusting.id,
            f"{other.name} in {world.target.names.resource_group}",
        )
        # Where both trust them, it is the one that is pointed to: that is who the pods are.
        await trust(world, other)
        found = await world.must_read(ManagedIdentity)
        assert (found.id, found.instead_of) == (other.id, "")
    finally:
        await world.azure.delete_identity(other.id)


async def test_one_in_another_group_is_the_apps_only_if_it_trusts_the_pods(
    world: World, trusting: ManagedIdentity
) -> None:
    arm = world.client(Arm)
    group = f"{arm.subscription}/resourceGroups/identities-{uuid.uuid4()}"
    await arm.send("PUT", group, versions.GROUPS, body={"location": "eastus"})
    path = f"{group}/providers/{IDENTITIES}/agentpool"
    body = {"location": "eastus"}
    other = identity_of((await arm.send("PUT", path, versions.IDENTITIES, body=body)).json())
    try:
        await point_to(world, other)
        found = await world.must_read(ManagedIdentity)
        assert (found.id, found.instead_of) == (
            trusting.id,
            f"agentpool in {group.rpartition('/')[2]}",
        )
        await trust(world, other)
        found = await world.must_read(ManagedIdentity)
        assert found.id == other.id
        assert "another resource group" in found.chosen_because
    finally:
        await world.azure.delete_identity(other.id)


async def test_a_role_that_missed_is_found(world: World) -> None:
    account = await world.must_read(OpenAIAccount)
    names = world.target.names
    identity, other = [
        await world.azure.put_identity(name) for name in (names.identity, f"other-{uuid.uuid4()}")
    ]
    elsewhere = f"{account.id.rpartition('/')[0]}/another"

    async def assign(scope: str, principal: ManagedIdentity) -> None:
        await world.azure.assign_role(
            scope=scope,
            role=OPENAI_USER_ROLE,
            principal_id=principal.principal_id,
            principal_kind="ServicePrincipal",
        )

    try:
        await assign(elsewhere, identity)
        await assign(account.id, other)
        roles = await world.must_read(IdentityRoles)
        assert roles.grants == ()
        missed = {(item.principal_id, item.scope.lower()) for item in roles.others}
        assert {
            (identity.principal_id, elsewhere.lower()),
            (other.principal_id, account.id.lower()),
        } <= missed
        # With a role that reaches, nobody else's is looked at.
        await assign(account.id, identity)
        roles = await world.must_read(IdentityRoles)
        assert (len(roles.grants), roles.others) == (1, ())
    finally:
        for each in (identity, other):
            await world.azure.delete_identity(each.id)


async def test_a_service_account_in_another_namespace_is_told_of(world: World) -> None:
    name = f"account-{uuid.uuid4()}"
    await world.cluster.apply(account_in("kube-public", name, "some-client-id"))
    try:
        async with world.named(service_account=name) as named:
            found = await named.read(ServiceAccount)
            assert isinstance(found, Absent)
            assert found.cause == "service-account.wrong-namespace"
            assert "one with a client id is in kube-public" in found.detail
    finally:
        await world.cluster.delete("ServiceAccount", "kube-public", name)


async def test_the_apps_service_is_read_with_its_ports(world: World) -> None:
    service = await world.must_read(AppService)
    assert service.selector == {"app": "ai-service"}
    assert [(port.number, port.target) for port in service.ports] == [(5001, "5001")]
    async with world.named(deployment="nothing") as named:
        found = await named.read(AppService)
        assert isinstance(found, Absent)
        assert found.cause == "app.service-missing"
