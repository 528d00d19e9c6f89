"""Looking at Azure, one function a line of the doctor's: with the checks' own clients and facts."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TypeVar

from workshop_tui.authoring import TOKEN_SCOPE
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure
from workshop_tui.cloud.cluster import ClusterClient
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.machine.access import read_claims, read_cluster_rights, read_subscriptions
from workshop_tui.cloud.machine.reach import name_problem, read_reach
from workshop_tui.cloud.roles import RoleDefinitions, grants
from workshop_tui.cloud.tokens import Tokens
from workshop_tui.cloud.web import is_loopback
from workshop_tui.doctor import azure, machine
from workshop_tui.doctor.looking import NotLookedError
from workshop_tui.model import (
    Absent,
    ClusterAccess,
    KubeconfigContext,
    LearnerRoles,
    ManagedCluster,
    ModelDeployment,
    OpenAIAccount,
    ResourceGroup,
    SignedIn,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from workshop_tui.doctor.diagnosis import Judgement
    from workshop_tui.doctor.looking import Looking, World

T = TypeVar("T")


async def _world(looking: Looking) -> World:
    """Return the way to Azure; whose lack has a line of its own is only pointed to."""
    try:
        return await looking.world()
    except NotLookedError as error:
        raise NotLookedError(azure.after("your sign-in and subscription")) from error


async def _reachable_world(looking: Looking) -> World:
    """Return the way to Azure once it is known to answer: nobody waits for a network that is not there."""
    world = await _world(looking)
    if (await looking.reach_arm()).problem:
        raise NotLookedError(azure.after("the network to Azure Resource Manager"))
    return world


async def _first(world: World, kind: type[T], name: str) -> T:
    """Return a fact that another line tells of, where it is not there."""
    found = await world.facts.read(kind)
    if isinstance(found, Absent | Unreadable):
        raise NotLookedError(azure.after(name))
    return found


async def _signed_in(looking: Looking) -> World:
    world = await _reachable_world(looking)
    await _first(world, SignedIn, "your sign-in")
    return world


async def _network_sign_in(looking: Looking) -> Judgement:
    target = await looking.target()
    url = f"{target.authority}/common/v2.0/.well-known/openid-configuration"
    return machine.reach(await read_reach(url, await looking.tls(target)))


async def _network_arm(looking: Looking) -> Judgement:
    return machine.reach(await looking.reach_arm())


async def _network_registry(looking: Looking) -> Judgement:
    target = await looking.target()
    scheme = "http" if is_loopback(f"http://{target.names.registry}") else "https"
    url = f"{scheme}://{target.names.registry}/v2/"
    return machine.reach(await read_reach(url, await looking.tls(target)))


async def _clock(looking: Looking) -> Judgement:
    return machine.clock(await looking.reach_arm(), (await looking.machine()).platform)


async def _sign_in(looking: Looking) -> Judgement:
    try:
        world = await looking.world()
    except NotLookedError as error:
        return error.judgement
    return azure.sign_in(await looking.az_sign_in(), await world.facts.read(SignedIn))


async def _subscription(looking: Looking) -> Judgement:
    world = await _signed_in(looking)
    found = await read_subscriptions(world.client(Arm))
    return azure.subscriptions(found, world.target.names.subscription_id)


async def _arm_token(looking: Looking) -> Judgement:
    world = await _world(looking)
    claims = await read_claims(world.client(Tokens), world.target.arm_scope)
    return azure.token(claims, "Azure Resource Manager")


async def _model_token(looking: Looking) -> Judgement:
    world = await _signed_in(looking)
    return azure.token(await read_claims(world.client(Tokens), TOKEN_SCOPE), "Azure OpenAI")


async def _resource_group(looking: Looking) -> Judgement:
    world = await _signed_in(looking)
    found = await world.facts.read(ResourceGroup)
    if isinstance(found, ResourceGroup):
        return azure.found(found.name, found.location)
    return azure.not_there(found)


def _in_group(
    kind: type[OpenAIAccount] | type[ManagedCluster],
) -> Callable[[Looking], Awaitable[Judgement]]:
    async def look(looking: Looking) -> Judgement:
        world = await _signed_in(looking)
        group = await _first(world, ResourceGroup, "the resource group")
        found = await world.facts.read(kind)
        if isinstance(found, Absent | Unreadable):
            return azure.not_there(found)
        return azure.found(found.name, group.name)

    return look


async def _model_deployment(looking: Looking) -> Judgement:
    world = await _signed_in(looking)
    account = await _first(world, OpenAIAccount, "the Azure OpenAI account")
    found = await world.facts.read(ModelDeployment)
    if isinstance(found, ModelDeployment):
        return azure.found(f"{found.name}, {found.model},", account.name)
    return azure.not_there(found)


async def _role_right(looking: Looking) -> Judgement:
    world = await _signed_in(looking)
    account = await _first(world, OpenAIAccount, "the Azure OpenAI account")
    roles = await world.facts.read(LearnerRoles)
    if isinstance(roles, Absent | Unreadable):
        return azure.not_there(roles)
    return azure.right(roles.grants, azure.ROLE_WRITE, account.id, world.target.names.resource_group)


def _right(
    kind: type[ResourceGroup] | type[ManagedCluster], name: str, action: str
) -> Callable[[Looking], Awaitable[Judgement]]:
    async def look(looking: Looking) -> Judgement:
        world = await _signed_in(looking)
        person = await _first(world, SignedIn, "your sign-in")
        resource = await _first(world, kind, name)
        definitions = await _first(world, RoleDefinitions, "the role definitions")
        held = await grants(world.client(Arm), definitions, principal_id=person.object_id, scope=resource.id)
        return azure.right(held, action, resource.id, world.client(Azure).resource_group)

    return look


async def _kubeconfig(looking: Looking) -> Judgement:
    world = await _reachable_world(looking)
    context = await world.facts.read(KubeconfigContext)
    managed = await world.facts.read(ManagedCluster)
    known = managed if isinstance(managed, ManagedCluster) else None
    entries = (
        world.client(ClusterConnector).entries(known) if isinstance(context, KubeconfigContext) else None
    )
    spec = entries.user.get("exec") if entries is not None else None
    plugin = str(spec.get("command", "")) if isinstance(spec, dict) else ""
    path = shutil.which(plugin) if plugin else None
    return azure.kubeconfig(context, plugin, path or "", (await looking.machine()).platform)


async def _cluster_access(looking: Looking) -> Judgement:
    world = await _reachable_world(looking)
    managed = await world.facts.read(ManagedCluster)
    if isinstance(managed, ManagedCluster) and managed.fqdn:
        problem = await name_problem(f"https://{managed.fqdn}/")
        if problem:
            return azure.no_way_to_cluster(managed.name, problem)
    access = await world.facts.read(ClusterAccess)
    client = await world.facts.read(ClusterClient)
    if isinstance(access, Absent | Unreadable) or isinstance(client, Absent | Unreadable):
        missing = access if isinstance(access, Absent | Unreadable) else client
        assert isinstance(missing, Absent | Unreadable)  # noqa: S101 - for the type checker
        if isinstance(missing, Absent):
            return azure.after("the AKS cluster")  # which has a line of its own
        return azure.not_there(missing)
    return azure.cluster_access(access, await read_cluster_rights(client, world.target.names.namespace))


PROBES: Mapping[str, Callable[[Looking], Awaitable[Judgement]]] = {
    "network-sign-in": _network_sign_in,
    "network-arm": _network_arm,
    "network-registry": _network_registry,
    "clock": _clock,
    "sign-in": _sign_in,
    "subscription": _subscription,
    "arm-token": _arm_token,
    "model-token": _model_token,
    "resource-group": _resource_group,
    "account": _in_group(OpenAIAccount),
    "model-deployment": _model_deployment,
    "cluster": _in_group(ManagedCluster),
    "role-right": _role_right,
    "identity-right": _right(ResourceGroup, "the resource group", azure.IDENTITY_WRITE),
    "cluster-right": _right(ManagedCluster, "the cluster", azure.CLUSTER_WRITE),
    "cluster-credential": _right(ManagedCluster, "the cluster", azure.CLUSTER_CREDENTIAL),
    "kubeconfig": _kubeconfig,
    "cluster-access": _cluster_access,
}
