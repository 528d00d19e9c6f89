"""Requests that ARM's stand-in refuses, as data: what Azure's own client sends, and what it is told.

`{group}` and the like are filled in by the test. `words` are enough of the refusal's words, as the code has
them, to tell it from the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

IDENTITIES = "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
FEDERATED = f"{IDENTITIES}/{{identity}}/federatedIdentityCredentials"
ASSIGNMENTS = "{group}/providers/Microsoft.Authorization/roleAssignments"
DEFINITIONS = "{subscription}/providers/Microsoft.Authorization/roleDefinitions"
ACCOUNTS = "{group}/providers/Microsoft.CognitiveServices/accounts"
LONG = "s" * 601
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@dataclass(frozen=True, slots=True)
class Refused:
    """One request and its refusal."""

    status: int
    code: str
    words: str
    method: str
    path: str
    body: Any = None


def assignment(**properties: str) -> dict[str, Any]:
    """Return a role assignment to the identity the test made."""
    role = f"{DEFINITIONS}/{READER}"
    whole = {"roleDefinitionId": role, "principalId": "{principal}", "principalType": "ServicePrincipal"}
    return {"properties": whole | properties}


def credential(**properties: Any) -> dict[str, Any]:
    """Return a federated credential."""
    whole = {"issuer": "https://issuer.example/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
    return {"properties": whole | properties}


def role(name: str) -> dict[str, Any]:
    """Return a custom role."""
    return {
        "properties": {
            "roleName": name,
            "assignableScopes": ["{subscription}"],
            "permissions": [{"actions": ["*/read"]}],
        }
    }


CASES = (
    Refused(400, "LocationRequired", "", "PUT", f"{IDENTITIES}/new", {}),
    Refused(409, "InvalidResourceLocation", "", "PUT", f"{IDENTITIES}/{{identity}}", {"location": "westus"}),
    Refused(400, "InvalidResourceGroupLocation", "", "PUT", "{group}", {"location": "westus"}),
    Refused(400, "PropertyChangeNotAllowed", "", "PUT", "{cluster}", {"location": "westus"}),
    Refused(
        400,
        "CustomDomainInUse",
        "",
        "PATCH",
        "{account}",
        {"properties": {"customSubDomainName": "other"}},
    ),
    Refused(404, "ParentResourceNotFound", "Can not perform", "GET", f"{ACCOUNTS}/none/deployments/d"),
    Refused(404, "InvalidResourceNamespace", "", "GET", "{subscription}/providers/Nothing.Here"),
    Refused(404, "SubscriptionNotFound", "", "GET", "/subscriptions/{guid}/providers/Microsoft.Resources"),
    Refused(400, "InvalidRoleAssignmentId", "", "PUT", f"{ASSIGNMENTS}/no-guid", assignment()),
    Refused(
        400,
        "RoleAssignmentUpdateNotPermitted",
        "",
        "PUT",
        f"{ASSIGNMENTS}/{{assignment}}",
        assignment(principalId="{developer}"),
    ),
    Refused(
        400,
        "UnmatchedPrincipalType",
        "",
        "PUT",
        f"{ASSIGNMENTS}/{{guid}}",
        assignment(principalType="User"),
    ),
    Refused(409, "RoleDefinitionWithSameNameExists", "", "PUT", f"{DEFINITIONS}/{{guid}}", role("Reader")),
    Refused(400, "BadRequest", "has an empty {}", "PUT", f"{FEDERATED}/new", credential(subject="")),
    Refused(400, "BadRequest", "exceeds {} characters", "PUT", f"{FEDERATED}/new", credential(subject=LONG)),
    Refused(400, "BadRequest", "trailing spaces", "PUT", f"{FEDERATED}/new", credential(issuer=" https://i")),
    Refused(
        400,
        "InvalidApiType",
        "",
        "PUT",
        "{account}",
        {"location": "eastus", "kind": "SpeechServices", "sku": {"name": "S0"}},
    ),
    Refused(400, "InvalidKeyName", "", "POST", "{account}/regenerateKey", {"keyName": "Key3"}),
    Refused(400, "InvalidRequestContent", "is not a JSON object", "PUT", "{group}", [1]),
    Refused(400, "InvalidRequestContent", "has no properties", "PUT", f"{ASSIGNMENTS}/{{guid}}", {}),
    Refused(
        400,
        "InvalidResourceProperties",
        "hold no deployments",
        "PUT",
        f"{ACCOUNTS}/{{speech}}/deployments/chat",
        {"properties": {"model": {"name": "gpt-4o"}}},
    ),
    Refused(400, "InvalidResourceProperties", "has no name", "PUT", "{account}/deployments/chat", {}),
    Refused(400, "InvalidRoleDefinitionId", "", "PUT", f"{DEFINITIONS}/{READER}", role("Baker")),
    Refused(400, "MissingProperty", "", "PUT", f"{ACCOUNTS}/new", {}),
    Refused(400, "RoleDefinitionCannotBeDeleted", "", "DELETE", f"{DEFINITIONS}/{READER}"),
    Refused(400, "RoleDefinitionInvalid", "", "PUT", f"{DEFINITIONS}/{{guid}}", {"properties": {}}),
    Refused(400, "UnsupportedQuery", "", "GET", f"{ASSIGNMENTS}?$filter=name eq 'x'"),
    Refused(404, "MissingSubscription", "", "GET", "/"),
    Refused(
        404,
        "NotFound",
        "The entity was not found: operation '",
        "GET",
        "{subscription}/providers/Microsoft.ContainerService/locations/eastus/operations/{guid}",
    ),
    Refused(
        404,
        "NotFound",
        "The entity was not found: operation result",
        "GET",
        "{subscription}/operationresults/{guid}",
    ),
)
"""What can be provoked with the real client; the rest is in the table of proofs."""
