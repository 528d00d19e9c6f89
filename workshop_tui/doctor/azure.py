"""Judging the way to Azure: sign-in, subscription, what is found there, and what the learner may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import command
from workshop_tui.causes import CATALOGUE
from workshop_tui.doctor import remedies
from workshop_tui.doctor.diagnosis import Judgement, Need, lacking, ok, unknown
from workshop_tui.judgement.roles import role_permitting
from workshop_tui.model import Absent, Unreadable
from workshop_tui.model.machine import AzSignIn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workshop_tui.model import ClusterAccess, KubeconfigContext, RoleGrant, SignedIn
    from workshop_tui.model.machine import ClusterRights, Platform, Subscriptions

ROLE_WRITE = "Microsoft.Authorization/roleAssignments/write"
IDENTITY_WRITE = "Microsoft.ManagedIdentity/userAssignedIdentities/write"
CLUSTER_WRITE = "Microsoft.ContainerService/managedClusters/write"
CLUSTER_CREDENTIAL = "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"


def not_there(reading: Absent | Unreadable) -> Judgement:
    """Return what it means that something was looked for and is not there, or could not be looked for."""
    known = CATALOGUE.get(reading.cause)
    if isinstance(reading, Absent):
        observed = reading.detail or f"not there: {reading.what}"
        return lacking(observed, known.remedy if known else "", reading.command)
    remedy = reading.remedy or (known.remedy if known else "")
    return unknown(f"{reading.what}: {reading.reason}", remedy)


def after(first: str) -> Judgement:
    """Return that it was not looked at, since something before it is amiss, which has its own line."""
    return unknown(f"not looked at: first {first}")


def sign_in(told: AzSignIn | str | None, person: SignedIn | Absent | Unreadable | None) -> Judgement:
    """Judge who is signed in: what az says of itself, and what a token of ours says, which counts."""
    if person is None:
        said = told if isinstance(told, str) else "the Azure CLI is not installed"
        return lacking(f"nobody is signed in: {said}", "Sign in to Azure.", "az login")
    if isinstance(person, Absent | Unreadable):
        return not_there(person)
    kind = _kind(person, told)
    return ok(f"{person.name or person.object_id}, a {kind}, in the tenant {person.tenant_id}")


def other_cloud(name: str) -> Judgement:
    """Return that az speaks to another cloud: a shell set up for the practice cloud is the usual reason."""
    return lacking(
        f"az is set up for the cloud {name}, not for Azure's own",
        "Open a new shell if this one was set up for the practice cloud; else:",
        "az cloud set --name AzureCloud && az login",
    )


def _kind(person: SignedIn, told: AzSignIn | str | None) -> str:
    if person.kind == "ServicePrincipal":
        return "service principal"
    names = {person.name.lower(), told.name.lower() if isinstance(told, AzSignIn) else ""}
    guest = any("#ext#" in name or name.startswith("live.com#") for name in names)
    return "guest user" if guest else "user"


def subscriptions(found: Subscriptions, chosen: str) -> Judgement:
    """Judge whether the chosen subscription is among those that the sign-in sees."""
    names = {key.lower(): name for key, name in found.names.items()}
    more = f"; {len(names)} in all" if len(names) > 1 else ""
    if chosen.lower() in names:
        return ok(f"{names[chosen.lower()] or 'a subscription'} ({chosen}){more}")
    if not names:
        return lacking(
            "this sign-in sees no subscription at all",
            "Sign in to the tenant that holds it, or ask for a role there.",
            "az login --tenant TENANT",
        )
    return lacking(
        f"{chosen or 'none'} is chosen, which this sign-in does not see; it sees {_listed(found.names)}",
        "Choose one that you see.",
        f"az account set --subscription {next(iter(found.names))}",
    )


def _listed(names: Mapping[str, str]) -> str:
    shown = [f"{name} ({key})" for key, name in list(names.items())[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > len(shown) else "")


def token(claims: Mapping[str, Any], what: str) -> Judgement:
    """Judge a token by its having come."""
    audience = claims.get("aud")
    return ok(f"a token for {what} is to be had" + (f" ({audience})" if isinstance(audience, str) else ""))


def found(name: str, where: str) -> Judgement:
    """Return that a resource is there."""
    return ok(f"{name} in {where}")


def right(grants: Iterable[RoleGrant], action: str, resource_id: str, group: str) -> Judgement:
    """Judge whether the learner's role assignments allow a control-plane action on the resource."""
    # One without a condition says more.
    held = sorted(grants, key=lambda item: bool(item.condition))
    grant = role_permitting(held, action, resource_id)
    if grant is not None:
        through = "" if grant.direct else ", through a group"
        if grant.condition:
            hint = "It may leave out the role that the workshop assigns: Cognitive Services OpenAI User."
            return ok(f"{grant.role_name} allows it{through}, under a condition", hint)
        return ok(f"{grant.role_name} allows it{through}")
    roles = ", ".join(sorted({item.role_name for item in held})) or "none"
    wanted = "Owner, or Role Based Access Control Administrator" if action == ROLE_WRITE else "Contributor"
    return lacking(
        f"no role of yours allows {action} (your roles there: {roles})",
        f"Ask somebody who owns {group} for the role {wanted.replace(', or ', ' or ')}.",
        command(
            *("az", "role", "assignment", "create", "--assignee", "YOU"),
            *("--role", wanted.partition(",")[0], "--scope", resource_id),
        ),
    )


def kubeconfig(
    context: KubeconfigContext | Absent | Unreadable, plugin: str, plugin_path: str, platform: Platform
) -> Judgement:
    """Judge whether kubectl knows the cluster, and has the plugin that its sign-in needs."""
    if isinstance(context, Absent | Unreadable):
        return not_there(context)
    observed = f"the context {context.name} of {context.path}"
    if plugin and not plugin_path:
        ours = plugin == "kubelogin"
        remedy, how = remedies.install(plugin, platform) if ours else (f"Install {plugin}.", "")
        return lacking(
            f"{observed} signs in with {plugin}, which is not installed",
            f"{remedy} The cluster takes no other sign-in.",
            how,
            needed_for=(Need.AZURE, Need.BY_HAND),
        )
    return ok(f"{observed}{f', signing in with {plugin}' if plugin else ''}")


def no_way_to_cluster(name: str, problem: str) -> Judgement:
    """Return that the API server's name leads nowhere from here, as that of a private cluster does."""
    return lacking(
        f"{name}'s API server cannot be reached: {problem}",
        "A private cluster is reached from its own network alone, or by a VPN; else check the network.",
    )


def cluster_access(access: ClusterAccess, rights: ClusterRights) -> Judgement:
    """Judge what the API server says we may do."""
    refused = [name for name, allowed in rights.allowed.items() if not allowed]
    through = "the kubeconfig" if access.source == "kubeconfig" else "credentials from Azure"
    observed = f"Kubernetes {access.version} answers by {through}"
    if refused:
        return lacking(
            f"{observed}, but you may not {', '.join(refused)} in {rights.namespace}",
            "Ask for Azure Kubernetes Service RBAC Writer on the cluster, or edit in that namespace.",
            f"kubectl auth can-i --list --namespace {rights.namespace}",
        )
    return ok(f"{observed}; you may do there what the steps do")
