"""A person's hands in Azure: ARM, signed in as the learner."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hands_asking import Document, document, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from workshop_tui.practice import client

OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
_ROLES = "/providers/Microsoft.Authorization/roleDefinitions"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_VERSIONS = {
    "microsoft.managedidentity": "2023-01-31",
    "microsoft.authorization": "2022-04-01",
    "microsoft.containerservice": "2025-08-01",
    "microsoft.cognitiveservices": "2025-06-01",
}


@dataclass
class AzureHands:
    """What one can do with Azure's API."""

    cloud: client.Endpoints = field(repr=False)
    http: httpx.Client = field(repr=False)
    _token: str = field(default="", repr=False)

    def arm(self, method: str, path: str, body: object = None, **query: str) -> Document:
        """Call ARM; refusals raise."""
        provider = path.lower().rpartition("/providers/")[2].partition("/")[0]
        answer = self.http.request(
            method,
            f"{self.cloud.arm}{path}",
            params={"api-version": _VERSIONS.get(provider, "2024-11-01"), **query},
            headers={"Authorization": f"Bearer {self._signed_in()}"},
            json=body,
        )
        return document(answer)

    def _signed_in(self) -> str:
        if not self._token:
            sign_in = self.cloud["sign_in"]
            answer = self.http.post(
                f"{self.cloud['entra']}/{self.cloud['tenant_id']}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": sign_in["client_id"],
                    "client_secret": sign_in["client_secret"],
                    "scope": f"{self.cloud.arm}/.default",
                },
            )
            self._token = str(document(answer)["access_token"])
        return self._token

    @property
    def subscription(self) -> str:
        """The subscription's path."""
        return f"/subscriptions/{self.cloud['subscription_id']}"

    @property
    def group(self) -> str:
        """The resource group's path."""
        return f"{self.subscription}/resourceGroups/{self.cloud['resource_group']}"

    @property
    def account(self) -> str:
        """The account's path."""
        return f"{self.group}/providers/Microsoft.CognitiveServices/accounts/{self.cloud['account_name']}"

    @property
    def cluster(self) -> str:
        """The cluster's path."""
        name = self.cloud["cluster_name"]
        return f"{self.group}/providers/Microsoft.ContainerService/managedClusters/{name}"

    @property
    def identity(self) -> str:
        """The identity's path."""
        return f"{self.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/myIdentity"

    @property
    def credentials(self) -> str:
        """The path of the identity's federated credentials."""
        return f"{self.identity}/federatedIdentityCredentials"

    @property
    def principal(self) -> str:
        """The identity's object id."""
        return str(self.arm("GET", self.identity)["properties"]["principalId"])

    @property
    def learner(self) -> str:
        """The learner's object id."""
        return str(self.cloud["sign_in"]["object_id"])

    @property
    def issuer(self) -> str:
        """The cluster's issuer."""
        return str(self.arm("GET", self.cluster)["properties"]["oidcIssuerProfile"]["issuerURL"])

    @contextmanager
    def credential(self, **changes: object) -> Iterator[None]:
        """Change properties of the federated credential."""
        path = f"{self.credentials}/myFederatedCredential"
        before = self.arm("GET", path)["properties"]
        kept = {name: before[name] for name in ("issuer", "subject", "audiences")}
        self.arm("PUT", path, {"properties": {**kept, **changes}})
        yield
        self.arm("PUT", path, {"properties": kept})

    @contextmanager
    def no_identity(self) -> Iterator[None]:
        """Delete the identity for good: another one of its name has other ids."""
        self.arm("DELETE", self.identity)
        yield

    @contextmanager
    def further_identity(self, name: str) -> Iterator[str]:
        """Have another identity, of another app; yields its client id."""
        path = f"{self.identity.rpartition('/')[0]}/{name}"
        yield str(self.arm("PUT", path, {"location": "eastus"})["properties"]["clientId"])
        self.arm("DELETE", path)

    @contextmanager
    def further_account(self, name: str) -> Iterator[str]:
        """Have another account beside the workshop's; yields its path."""
        path = f"{self.account.rpartition('/')[0]}/{name}"
        body = {"location": "eastus", "kind": "SpeechServices", "sku": {"name": "S0"}, "properties": {}}
        self.arm("PUT", path, body)
        yield path
        self.arm("DELETE", path)

    @contextmanager
    def no_credential(self) -> Iterator[None]:
        """Delete the federated credential."""
        path = f"{self.credentials}/myFederatedCredential"
        before = self.arm("GET", path)["properties"]
        self.arm("DELETE", path)
        yield
        kept = {name: before[name] for name in ("issuer", "subject", "audiences")}
        self.arm("PUT", path, {"properties": kept})

    @contextmanager
    def further_credential(self) -> Iterator[None]:
        """Trust another cluster, too."""
        path = f"{self.credentials}/another"
        other = {
            "issuer": "https://oidc.example.com/other/",
            "subject": "system:serviceaccount:default:ai-service-account",
            "audiences": ["api://AzureADTokenExchange"],
        }
        self.arm("PUT", path, {"properties": other})
        yield
        self.arm("DELETE", path)

    def roles_of(self, principal: str) -> list[Document]:
        """Return the assignments to a principal that reach the account, of the model's user role."""
        found = self.arm(
            "GET",
            f"{self.account}/providers/Microsoft.Authorization/roleAssignments",
            **{"$filter": f"principalId eq '{principal}'"},
        )["value"]
        return [item for item in found if item["properties"]["roleDefinitionId"].endswith(OPENAI_USER)]

    @contextmanager
    def no_role(self, principal: str, instead: str = "", scope: str = "") -> Iterator[None]:
        """Take the principal's role away; give it another one, or the same elsewhere, in its place."""
        removed = self.roles_of(principal)
        for item in removed:
            self.arm("DELETE", item["id"])
        path = f"{scope or self.account}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        if instead:
            self.assign(path, principal, instead)
        yield
        if instead:
            self.arm("DELETE", path)
        for item in removed if not self.roles_of(principal) else ():
            self.assign(item["id"], principal, OPENAI_USER)

    def assign(self, path: str, principal: str, role: str) -> None:
        """Put one role assignment."""
        properties = {
            "roleDefinitionId": f"{self.subscription}{_ROLES}/{role}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
        self.arm("PUT", path, {"properties": properties})

    @contextmanager
    def custom_role(self, principal: str) -> Iterator[None]:
        """Let the principal have a role of one's own that allows asking the model, and nothing else."""
        role = str(uuid.uuid4())
        path = f"{self.group}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        permission = {
            "actions": [],
            "notActions": [],
            "dataActions": [
                "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
            ],
            "notDataActions": [],
        }
        properties = {
            "roleName": "Asks the model",
            "type": "CustomRole",
            "description": "",
            "permissions": [permission],
            "assignableScopes": [self.group],
        }
        self.arm("PUT", path, {"properties": properties})
        with self.no_role(principal, instead=role):
            yield
        self.arm("DELETE", path)

    @contextmanager
    def account_with(self, **properties: object) -> Iterator[None]:
        """Change properties of the account."""
        before = self.arm("GET", self.account)["properties"]
        self._patch_account(properties)
        yield
        self._patch_account({name: before.get(name, False) for name in properties})

    def _patch_account(self, properties: Document) -> None:
        self.arm("PATCH", self.account, {"properties": properties})
        until(lambda: self.arm("GET", self.account)["properties"]["provisioningState"] == "Succeeded")

    @contextmanager
    def no_model(self) -> Iterator[None]:
        """Delete the model's deployment."""
        path = f"{self.account}/deployments/{self.cloud['deployment_name']}"
        before = self.arm("GET", path)
        self.arm("DELETE", path)
        yield
        model = {"model": before["properties"]["model"]}
        self.arm("PUT", path, {"sku": before["sku"], "properties": model})

    @contextmanager
    def workload_identity_off(self) -> Iterator[None]:
        """Turn Workload Identity off, as `az aks update --disable-workload-identity` does."""
        self._put_cluster(enabled=False)
        yield
        self._put_cluster(enabled=True)

    def _put_cluster(self, *, enabled: bool) -> None:
        document = self.arm("GET", self.cluster)
        document["properties"]["securityProfile"] = {"workloadIdentity": {"enabled": enabled}}
        self.arm("PUT", self.cluster, document)
        until(lambda: self.arm("GET", self.cluster)["properties"]["provisioningState"] == "Succeeded")

    @contextmanager
    def other_group(self, *accounts: str) -> Iterator[None]:
        """Have another resource group, with accounts that have no address of their own."""
        group = f"{self.subscription}/resourceGroups/otherGroup"
        self.arm("PUT", group, {"location": "eastus"})
        for name in accounts:
            body = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
            self.arm("PUT", f"{group}/providers/Microsoft.CognitiveServices/accounts/{name}", body)
        yield
