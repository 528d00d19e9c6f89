"""Runs inside az's own Python, which holds Azure's typed management packages: one walk with each of them.

Prints what it saw as JSON; the test compares. The settings come as JSON on stdin.
"""

import json
import sys
import time
import uuid
from typing import Any

import msal
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource.resources import ResourceManagementClient

SETTINGS = json.load(sys.stdin)
GROUP, CLUSTER, ACCOUNT = SETTINGS["resource_group"], SETTINGS["cluster_name"], SETTINGS["account_name"]
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"


class Credential:
    """The learner's application, by MSAL: azure-identity is not among az's packages."""

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        """Return a token for the scopes."""
        application = msal.ConfidentialClientApplication(
            SETTINGS["sign_in"]["client_id"],
            client_credential=SETTINGS["sign_in"]["client_secret"],
            authority=f"{SETTINGS['entra']}/{SETTINGS['tenant_id']}",
            instance_discovery=False,
        )
        answer = application.acquire_token_for_client(list(scopes))
        return AccessToken(answer["access_token"], int(time.time()) + answer["expires_in"])


def client(kind: type, **other: Any) -> Any:
    """Return a management client that knows the practice cloud."""
    return kind(
        Credential(),
        SETTINGS["subscription_id"],
        base_url=SETTINGS["arm"],
        credential_scopes=[f"{SETTINGS['arm']}/.default"],
        polling_interval=1,
        **other,
    )


def refusal(call: Any, *arguments: Any, **named: Any) -> list[object]:
    """Return status and code of a call that is to fail."""
    try:
        call(*arguments, **named)
    except HttpResponseError as error:
        return [error.status_code, error.error.code if error.error else None]
    return ["answered"]


def identities() -> dict[str, Any]:
    """Make an identity and a credential, list and delete."""
    msi = client(ManagedServiceIdentityClient)
    name = f"sdk-{uuid.uuid4().hex[:8]}"
    made = msi.user_assigned_identities.create_or_update(GROUP, name, {"location": "eastus"})
    trust = {"issuer": "https://issuer.example/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
    credentials = msi.federated_identity_credentials
    fed = credentials.create_or_update(GROUP, name, "fed-1", trust)
    same = refusal(credentials.create_or_update, GROUP, name, "fed-2", trust)
    listed = [each.name for each in credentials.list(GROUP, name)]
    found = name in [each.name for each in msi.user_assigned_identities.list_by_subscription()]
    credentials.delete(GROUP, name, "fed-1")
    gone = refusal(credentials.get, GROUP, name, "fed-1")
    return {
        "client_id": made.client_id,
        "principal_id": made.principal_id,
        "subject": fed.subject,
        "same": same,
        "listed": listed,
        "found": found,
        "gone": gone,
    }


def roles(principal: str) -> dict[str, Any]:
    """Give a role, meet it again, take it away."""
    authorization = client(AuthorizationManagementClient)
    scope = (
        f"/subscriptions/{SETTINGS['subscription_id']}/resourceGroups/{GROUP}"
        f"/providers/Microsoft.CognitiveServices/accounts/{ACCOUNT}"
    )
    (role,) = authorization.role_definitions.list(
        scope, filter="roleName eq 'Cognitive Services OpenAI User'"
    )
    wanted = {
        "role_definition_id": role.id,
        "principal_id": principal,
        "principal_type": "ServicePrincipal",
    }
    body = {"properties": {"roleDefinitionId": role.id, "principalId": principal}}
    body["properties"]["principalType"] = wanted["principal_type"]
    assignments = authorization.role_assignments
    made = assignments.create(scope, str(uuid.uuid4()), body)
    again = refusal(assignments.create, scope, str(uuid.uuid4()), body)
    listed = [each.id for each in assignments.list_for_scope(scope, filter=f"principalId eq '{principal}'")]
    assignments.delete_by_id(made.id)
    return {"role": role.name, "again": again, "listed": listed == [made.id]}


def accounts() -> dict[str, Any]:
    """Read the account, its keys and deployments."""
    cognitive = client(CognitiveServicesManagementClient)
    account = cognitive.accounts.get(GROUP, ACCOUNT)
    keys = cognitive.accounts.list_keys(GROUP, ACCOUNT)
    deployments = [each.name for each in cognitive.deployments.list(GROUP, ACCOUNT)]
    missing = refusal(cognitive.deployments.get, GROUP, ACCOUNT, "none")
    return {
        "endpoint": account.properties.endpoint,
        "keys": len({keys.key1, keys.key2}),
        "deployments": deployments,
        "missing": missing,
    }


def clusters() -> dict[str, Any]:
    """Turn on the issuer by a long-running update of the typed model."""
    service = client(ContainerServiceClient)
    cluster = service.managed_clusters.get(GROUP, CLUSTER)
    cluster.oidc_issuer_profile.enabled = True
    poller = service.managed_clusters.begin_create_or_update(GROUP, CLUSTER, cluster)
    meanwhile = refusal(service.managed_clusters.begin_create_or_update, GROUP, CLUSTER, cluster)
    updated = poller.result(timeout=60)
    credentials = service.managed_clusters.list_cluster_user_credentials(GROUP, CLUSTER)
    return {
        "issuer": updated.oidc_issuer_profile.issuer_url,
        "meanwhile": meanwhile,
        "state": updated.provisioning_state,
        "kubeconfig": credentials.kubeconfigs[0].name,
    }


def groups() -> dict[str, Any]:
    """Make a group and delete it, followed to its end."""
    resources = client(ResourceManagementClient).resource_groups
    name = f"sdk-{uuid.uuid4().hex[:8]}"
    made = resources.create_or_update(name, {"location": "eastus"})
    there = resources.check_existence(name)
    resources.begin_delete(name).result(timeout=60)
    return {"location": made.location, "there": there, "gone": not resources.check_existence(name)}


def main() -> None:
    """Walk."""
    made = identities()
    seen = {
        "identities": made,
        "roles": roles(made["principal_id"]),
        "accounts": accounts(),
        "clusters": clusters(),
        "groups": groups(),
    }
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
