"""How each operation of Azure's SDKs that we serve is called here, in an order that works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RESOURCE_GROUP = "{group}"
IDENTITY = "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/walked"
CREDENTIAL = f"{IDENTITY}/federatedIdentityCredentials/walked"
ROLES = "/providers/Microsoft.Authorization"
ASSIGNMENT = f"{{account}}{ROLES}/roleAssignments/11111111-2222-4333-8444-555555555555"
DEFINITION = f"{{subscription}}{ROLES}/roleDefinitions/66666666-7777-4888-8999-000000000000"
NEW_ACCOUNT = "{group}/providers/Microsoft.CognitiveServices/accounts/walked"
DEPLOYMENT = f"{NEW_ACCOUNT}/deployments/chat"


@dataclass(frozen=True, slots=True)
class Step:
    """One call: the operation, the path (`{group}` and the like are filled in), a body, the answer's model.

    A model in square brackets stands for a `value` that lists it; "" for an answer without a body.
    """

    operation: str
    path: str
    model: str = ""
    body: Any = None


WALK = (
    Step("user_assigned_identities.create_or_update", IDENTITY, "Identity", {"location": "eastus"}),
    Step("user_assigned_identities.get", IDENTITY, "Identity"),
    Step("user_assigned_identities.list_by_resource_group", IDENTITY.removesuffix("/walked"), "[Identity]"),
    Step(
        "user_assigned_identities.list_by_subscription",
        "{subscription}/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
        "[Identity]",
    ),
    Step(
        "federated_identity_credentials.create_or_update",
        CREDENTIAL,
        "FederatedIdentityCredential",
        {"properties": {"issuer": "https://issuer.example/", "subject": "s", "audiences": ["a"]}},
    ),
    Step("federated_identity_credentials.get", CREDENTIAL, "FederatedIdentityCredential"),
    Step(
        "federated_identity_credentials.list",
        CREDENTIAL.removesuffix("/walked"),
        "[FederatedIdentityCredential]",
    ),
    Step("accounts_get", "{account}", "Account"),
    Step("accounts_list", "{subscription}/providers/Microsoft.CognitiveServices/accounts", "[Account]"),
    Step("accounts_list_by_resource_group", NEW_ACCOUNT.removesuffix("/walked"), "[Account]"),
    Step(
        "accounts_create",
        NEW_ACCOUNT,
        "Account",
        {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}},
    ),
    Step("accounts_update", NEW_ACCOUNT, "Account", {"tags": {"a": "b"}}),
    Step("accounts_list_keys", f"{NEW_ACCOUNT}/listKeys", "ApiKeys"),
    Step(
        "deployments_create_or_update",
        DEPLOYMENT,
        "Deployment",
        {"properties": {"model": {"format": "OpenAI", "name": "gpt-35-turbo", "version": "0125"}}},
    ),
    Step("deployments_get", DEPLOYMENT, "Deployment"),
    Step("deployments_list", DEPLOYMENT.removesuffix("/chat"), "[Deployment]"),
    Step(
        "role_definitions_create_or_update",
        DEFINITION,
        "RoleDefinition",
        {"properties": {"roleName": "walked", "assignableScopes": ["{subscription}"], "permissions": [{}]}},
    ),
    Step("role_definitions_get", DEFINITION, "RoleDefinition"),
    Step("role_definitions_list", f"{{account}}{ROLES}/roleDefinitions", "[RoleDefinition]"),
    Step(
        "role_assignments_create",
        ASSIGNMENT,
        "RoleAssignment",
        {
            "properties": {
                "roleDefinitionId": DEFINITION,
                "principalId": "{principal}",
                "principalType": "ServicePrincipal",
            }
        },
    ),
    Step("role_assignments_get", ASSIGNMENT, "RoleAssignment"),
    Step("role_assignments_list_for_scope", f"{{account}}{ROLES}/roleAssignments", "[RoleAssignment]"),
    Step("role_assignments_list_for_resource", f"{{account}}{ROLES}/roleAssignments", "[RoleAssignment]"),
    Step("role_assignments_list_for_resource_group", f"{{group}}{ROLES}/roleAssignments", "[RoleAssignment]"),
    Step(
        "role_assignments_list_for_subscription",
        f"{{subscription}}{ROLES}/roleAssignments",
        "[RoleAssignment]",
    ),
    Step("managed_clusters_get", "{cluster}", "ManagedCluster"),
    Step(
        "managed_clusters_list",
        "{subscription}/providers/Microsoft.ContainerService/managedClusters",
        "[ManagedCluster]",
    ),
    Step(
        "managed_clusters_list_by_resource_group",
        "{group}/providers/Microsoft.ContainerService/managedClusters",
        "[ManagedCluster]",
    ),
    Step(
        "managed_clusters_list_cluster_admin_credentials",
        "{cluster}/listClusterAdminCredential",
        "CredentialResults",
    ),
    Step(
        "managed_clusters_list_cluster_user_credentials",
        "{cluster}/listClusterUserCredential",
        "CredentialResults",
    ),
    Step(
        "managed_clusters_create_or_update",
        "{cluster}",
        "ManagedCluster",
        {
            "location": "eastus",
            "properties": {
                "oidcIssuerProfile": {"enabled": True},
                "securityProfile": {"workloadIdentity": {"enabled": True}},
            },
        },
    ),
    Step("role_assignments_delete", ASSIGNMENT, "RoleAssignment"),
    Step("role_definitions_delete", DEFINITION, "RoleDefinition"),
    Step("federated_identity_credentials.delete", CREDENTIAL),
    Step("user_assigned_identities.delete", IDENTITY),
    Step("deployments_delete", DEPLOYMENT),
    Step("accounts_delete", NEW_ACCOUNT),
    Step("managed_clusters_delete", "{cluster}"),
)
NOT_SERVED = {
    "managed_clusters_update_tags": "nobody tags the cluster; az aks update writes it as a whole",
    "managed_clusters_rotate_service_account_signing_keys": "not in the workshop",
    "user_assigned_identities.update": "az identity has no update; tags go with create",
    "system_assigned_identities.get_by_scope": "the workshop's identity is user-assigned",
    ".list": "the provider's own list of operations",
    "role_assignments_get_by_id": "the same request as role_assignments_get, told by its whole id",
    "role_assignments_create_by_id": "the same request as role_assignments_create, told by its whole id",
    "role_assignments_delete_by_id": "the same request as role_assignments_delete, told by its whole id",
    "role_definitions_get_by_id": "the same request as role_definitions_get, told by its whole id",
}
"""Operations of the packages that the practice cloud does not answer, or not under this name, and why."""
