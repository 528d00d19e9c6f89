"""ARM by Azure's SDK for each service: packages of their own, which scripts/client-matrix installs.

The workshop itself sends what it wants through the SDK's pipeline; azure-mgmt-resource, the generic client,
is driven in test_practice_clients_azure.py. A learner's own script would take these.
"""

from __future__ import annotations

import importlib
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import WorkloadIdentityCredential
from clients import RecordProperty, driven, package
from practice_world import AUDIENCE, OPENAI_USER, SignedIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workshop_tui.practice.client import Endpoints


@pytest.fixture
def opened(cloud: Endpoints) -> Iterator[Callable[[str, str], Any]]:
    """Makes a client of a service's package, signed in as the learner; skips where the package is missing."""
    sign_in, trust = cloud["sign_in"], str(cloud.ca_file)
    with WorkloadIdentityCredential(
        tenant_id=cloud["tenant_id"],
        client_id=sign_in["client_id"],
        token_file_path=sign_in["token_file"],
        authority=cloud["entra"],
        connection_verify=trust,
    ) as credential:

        def open_client(module: str, name: str) -> Any:
            pytest.importorskip(module, reason=f"{module} is not installed here: it is NOT driven")
            return getattr(importlib.import_module(module), name)(
                credential,
                cloud["subscription_id"],
                base_url=cloud.arm,
                credential_scopes=[f"{cloud.arm}/.default"],
                connection_verify=trust,
                polling_interval=0.2,
            )

        yield open_client


def test_identities(
    opened: Callable[[str, str], Any], learner: SignedIn, fresh_name: str, record_property: RecordProperty
) -> None:
    client = opened("azure.mgmt.msi", "ManagedServiceIdentityClient")
    commands = [f"identity {verb}" for verb in ("create", "get", "list", "delete")]
    commands += [f"federated credential {verb}" for verb in ("create", "list", "get", "delete")]
    driven(record_property, package("azure-mgmt-msi"), *commands)
    group = learner.cloud["resource_group"]
    identities, credentials = client.user_assigned_identities, client.federated_identity_credentials
    made = identities.create_or_update(group, fresh_name, {"location": "eastus", "tags": {"a": "b"}})
    assert uuid.UUID(made.client_id) != uuid.UUID(made.principal_id)
    assert identities.get(group, fresh_name).principal_id == made.principal_id
    assert fresh_name in [each.name for each in identities.list_by_resource_group(group)]
    assert fresh_name in [each.name for each in identities.list_by_subscription()]
    properties = {"issuer": "https://example.com/", "subject": "a", "audiences": [AUDIENCE]}
    written = credentials.create_or_update(group, fresh_name, "fed", {"properties": properties})
    assert (written.issuer, written.audiences) == ("https://example.com/", [AUDIENCE])
    assert [each.name for each in credentials.list(group, fresh_name)] == ["fed"]
    with pytest.raises(HttpResponseError) as refused:
        credentials.create_or_update(group, fresh_name, "second", {"properties": properties})
    assert "combination already exists" in str(refused.value)
    credentials.delete(group, fresh_name, "fed")
    with pytest.raises(ResourceNotFoundError):
        credentials.get(group, fresh_name, "fed")
    identities.delete(group, fresh_name)
    with pytest.raises(ResourceNotFoundError):
        identities.get(group, fresh_name)


def test_roles(
    opened: Callable[[str, str], Any], learner: SignedIn, fresh_name: str, record_property: RecordProperty
) -> None:
    client = opened("azure.mgmt.authorization", "AuthorizationManagementClient")
    commands = [f"role assignment {verb}" for verb in ("create", "get", "list", "delete")]
    driven(record_property, package("azure-mgmt-authorization"), "role definition list", *commands)
    principal = learner.make_identity(fresh_name)["principalId"]
    (role,) = client.role_definitions.list(
        learner.account, filter="roleName eq 'Cognitive Services OpenAI User'"
    )
    assert role.id.endswith(OPENAI_USER)
    name = str(uuid.uuid4())
    wanted = {
        "role_definition_id": role.id,
        "principal_id": principal,
        "principal_type": "ServicePrincipal",
    }
    made = client.role_assignments.create(learner.account, name, wanted)
    assert client.role_assignments.get(learner.account, name).principal_id == principal
    with pytest.raises(HttpResponseError, match="RoleAssignmentExists"):
        client.role_assignments.create(learner.account, str(uuid.uuid4()), wanted)
    found = client.role_assignments.list_for_scope(learner.account, filter=f"principalId eq '{principal}'")
    assert [each.id for each in found] == [made.id]
    client.role_assignments.delete_by_id(made.id)
    with pytest.raises(ResourceNotFoundError):
        client.role_assignments.get(learner.account, name)


def test_clusters(
    opened: Callable[[str, str], Any], learner: SignedIn, record_property: RecordProperty
) -> None:
    client = opened("azure.mgmt.containerservice", "ContainerServiceClient")
    commands = ("get", "list", "begin_create_or_update", "list_cluster_user_credentials")
    driven(record_property, package("azure-mgmt-containerservice"), *commands)
    group, name = learner.cloud["resource_group"], learner.cloud["cluster_name"]
    cluster = client.managed_clusters.get(group, name)
    assert name in [each.name for each in client.managed_clusters.list()]
    assert name in [each.name for each in client.managed_clusters.list_by_resource_group(group)]
    again = client.managed_clusters.begin_create_or_update(group, name, cluster).result()
    assert (again.provisioning_state, again.oidc_issuer_profile) == ("Succeeded", cluster.oidc_issuer_profile)
    (handed,) = client.managed_clusters.list_cluster_user_credentials(group, name).kubeconfigs
    kubeconfig = yaml.safe_load(bytes(handed.value))
    assert kubeconfig["clusters"][0]["cluster"]["server"] == learner.cloud["kubernetes"]


def test_accounts(
    opened: Callable[[str, str], Any], learner: SignedIn, fresh_name: str, record_property: RecordProperty
) -> None:
    client = opened("azure.mgmt.cognitiveservices", "CognitiveServicesManagementClient")
    commands = ("get", "list", "begin_create", "begin_update", "list_keys", "regenerate_key", "deployments")
    driven(record_property, package("azure-mgmt-cognitiveservices"), *commands)
    group, seeded = learner.cloud["resource_group"], learner.cloud["account_name"]
    assert client.accounts.get(group, seeded).properties.endpoint.startswith("https://")
    assert seeded in [each.name for each in client.accounts.list()]
    assert seeded in [each.name for each in client.accounts.list_by_resource_group(group)]
    (deployment,) = client.deployments.list(group, seeded)
    assert client.deployments.get(group, seeded, deployment.name).properties.model.name == deployment.name
    account = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
    made = client.accounts.begin_create(group, fresh_name, account).result()
    assert made.properties.provisioning_state == "Succeeded"
    before = client.accounts.list_keys(group, fresh_name)
    after = client.accounts.regenerate_key(group, fresh_name, "Key2")
    assert (before.key1 == after.key1, before.key2 == after.key2) == (True, False)
    off = {"properties": {"disableLocalAuth": True}}
    assert client.accounts.begin_update(group, fresh_name, off).result().properties.disable_local_auth
    with pytest.raises(HttpResponseError, match="disableLocalAuth is set to be true"):
        client.accounts.list_keys(group, fresh_name)
