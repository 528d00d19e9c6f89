"""Which handler answers which method on which type: the table of what ARM offers here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from workshop_tui.practice.arm import (
    accounts,
    cluster_credentials,
    cluster_operations,
    clusters,
    deployments,
    groups,
    identities,
    locations,
    models,
    providers,
    removal,
    roles,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from workshop_tui.practice.arm.answers import Answer, Call
    from workshop_tui.practice.arm.context import Arm

Handler: TypeAlias = "Callable[[Arm, Call], Awaitable[Answer]]"

_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
_CREDENTIALS = f"{identities.IDENTITY}/federatedIdentityCredentials"

HANDLERS: dict[tuple[str, str, str], Handler] = {
    ("GET", "Microsoft.Resources/tenants", "many"): groups.list_tenants,
    ("GET", _SUBSCRIPTIONS, "many"): groups.list_subscriptions,
    ("GET", _SUBSCRIPTIONS, "one"): groups.get_subscription,
    ("GET", f"{_SUBSCRIPTIONS}/resources", "many"): groups.list_resources,
    ("GET", f"{_SUBSCRIPTIONS}/providers", "one"): providers.get_provider,
    ("GET", _GROUPS, "many"): groups.list_groups,
    ("GET", _GROUPS, "one"): groups.get_group,
    ("PUT", _GROUPS, "one"): groups.put_group,
    ("DELETE", _GROUPS, "one"): groups.delete_group,
    ("GET", f"{_SUBSCRIPTIONS}/operationresults", "one"): groups.get_result,
    ("GET", f"{_SUBSCRIPTIONS}/locations", "many"): locations.list_locations,
    ("GET", f"{_GROUPS}/resources", "many"): groups.list_resources,
    ("GET", clusters.CLUSTER, "one"): clusters.get_cluster,
    ("GET", clusters.CLUSTER, "many"): clusters.list_clusters,
    ("PUT", clusters.CLUSTER, "one"): clusters.put_cluster,
    ("DELETE", clusters.CLUSTER, "one"): clusters.delete_cluster,
    ("POST", clusters.CLUSTER, "start"): clusters.start_cluster,
    ("POST", clusters.CLUSTER, "stop"): clusters.stop_cluster,
    ("POST", clusters.CLUSTER, "listclusterusercredential"): cluster_credentials.list_user_credential,
    ("POST", clusters.CLUSTER, "listclusteradmincredential"): cluster_credentials.list_admin_credential,
    ("GET", "Microsoft.ContainerService/locations/operationresults", "one"): cluster_operations.get_result,
    ("GET", "Microsoft.ContainerService/locations/operations", "one"): cluster_operations.get_operation,
    (
        "GET",
        "Microsoft.CognitiveServices/locations/operationResults",
        "one",
    ): cluster_operations.get_operation,
    ("GET", identities.IDENTITY, "one"): identities.get_identity,
    ("GET", identities.IDENTITY, "many"): identities.list_identities,
    ("PUT", identities.IDENTITY, "one"): identities.put_identity,
    ("DELETE", identities.IDENTITY, "one"): identities.delete_identity,
    ("GET", _CREDENTIALS, "one"): identities.get_credential,
    ("GET", _CREDENTIALS, "many"): identities.list_credentials,
    ("PUT", _CREDENTIALS, "one"): identities.put_credential,
    ("DELETE", _CREDENTIALS, "one"): identities.delete_credential,
    ("GET", _ASSIGNMENTS, "one"): roles.get_assignment,
    ("GET", _ASSIGNMENTS, "many"): roles.list_assignments,
    ("PUT", _ASSIGNMENTS, "one"): roles.put_assignment,
    ("DELETE", _ASSIGNMENTS, "one"): roles.delete_assignment,
    ("GET", _DEFINITIONS, "one"): roles.get_definition,
    ("GET", _DEFINITIONS, "many"): roles.list_definitions,
    ("PUT", _DEFINITIONS, "one"): roles.put_definition,
    ("DELETE", _DEFINITIONS, "one"): roles.delete_definition,
    ("GET", accounts.ACCOUNT, "one"): accounts.get_account,
    ("GET", accounts.ACCOUNT, "many"): accounts.list_accounts,
    ("PUT", accounts.ACCOUNT, "one"): accounts.put_account,
    ("PATCH", accounts.ACCOUNT, "one"): accounts.patch_account,
    ("DELETE", accounts.ACCOUNT, "one"): removal.delete_account,
    ("POST", accounts.ACCOUNT, "listkeys"): accounts.list_keys,
    ("POST", accounts.ACCOUNT, "regeneratekey"): accounts.regenerate_key,
    ("GET", models.MODEL, "many"): models.list_models,
    ("GET", deployments.DEPLOYMENT, "one"): deployments.get_deployment,
    ("GET", deployments.DEPLOYMENT, "many"): deployments.list_deployments,
    ("PUT", deployments.DEPLOYMENT, "one"): deployments.put_deployment,
    ("DELETE", deployments.DEPLOYMENT, "one"): deployments.delete_deployment,
}
"""By method, type in its canonical spelling, and shape (`one`, `many`, or a POST's verb)."""

KNOWN_TYPES = frozenset(kind.lower() for _, kind, _ in HANDLERS)
