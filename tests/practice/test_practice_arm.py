"""ARM's front door, resource groups and the list of resources, through unchanged SDK clients and HTTPS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.identity import WorkloadIdentityCredential
from azure.identity.aio import WorkloadIdentityCredential as AsyncWorkloadIdentityCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient as AsyncResourceManagementClient
from practice_world import ASSERTION_TYPE, SignedIn

from workshop_tui.practice.signing import SigningKey, read_unverified

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from practice_world import Issuer

    from workshop_tui.practice.client import Endpoints


READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def sign_in(cloud: Endpoints) -> dict[str, Any]:
    return {
        "tenant_id": cloud["tenant_id"],
        "client_id": cloud["sign_in"]["client_id"],
        "token_file_path": cloud["sign_in"]["token_file"],
        "authority": cloud["entra"],
        "connection_verify": str(cloud.ca_file),
    }


def options(cloud: Endpoints) -> dict[str, Any]:
    return {
        "base_url": cloud.arm,
        "credential_scopes": [f"{cloud.arm}/.default"],
        "connection_verify": str(cloud.ca_file),
    }


@pytest.fixture
def sdk(cloud: Endpoints) -> Iterator[ResourceManagementClient]:
    with (
        WorkloadIdentityCredential(**sign_in(cloud)) as credential,
        ResourceManagementClient(credential, cloud["subscription_id"], **options(cloud)) as opened,
    ):
        yield opened


class TestFrontDoor:
    def test_health_needs_no_token(self, cloud: Endpoints, http: httpx.Client) -> None:
        assert http.get(f"{cloud.arm}/practice/health").json()["pid"] == cloud.pid

    def test_no_token(self, cloud: Endpoints, http: httpx.Client) -> None:
        answer = http.get(f"{cloud.arm}/subscriptions?api-version=2022-12-01")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "AuthenticationFailed")
        assert cloud["tenant_id"] in answer.headers["WWW-Authenticate"]

    @pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
    def test_no_good_token(self, cloud: Endpoints, http: httpx.Client, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = http.get(f"{cloud.arm}/subscriptions?api-version=2022-12-01", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")

    def test_a_token_for_another_service(self, cloud: Endpoints, learner: SignedIn) -> None:
        headers = {"Authorization": f"Bearer {learner.token('https://cognitiveservices.azure.com')}"}
        answer = learner.http.get(f"{cloud.arm}/subscriptions?api-version=2022-12-01", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "InvalidAuthenticationTokenAudience"

    def test_an_expired_token(self, cloud: Endpoints, learner: SignedIn) -> None:
        _, claims = read_unverified(learner.token())
        key = SigningKey.load(cloud.ca_file.parent / "keys", "entra")
        headers = {"Authorization": f"Bearer {key.sign({**claims, 'exp': 1})}"}
        answer = learner.http.get(f"{cloud.arm}/subscriptions?api-version=2022-12-01", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "ExpiredAuthenticationToken")

    def test_no_api_version(self, sdk: ResourceManagementClient, learner: SignedIn) -> None:
        with pytest.raises(HttpResponseError, match="MissingApiVersionParameter"):
            sdk.send_request(HttpRequest("GET", learner.group)).raise_for_status()

    def test_unknown_type(self, learner: SignedIn) -> None:
        answer = learner.call("GET", f"{learner.group}/providers/Microsoft.Storage/storageAccounts/x")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "InvalidResourceType")

    def test_a_method_the_practice_cloud_does_not_offer(self, learner: SignedIn) -> None:
        answer = learner.call("PATCH", learner.cluster)
        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "MethodNotAllowed")

    def test_unknown_subscription_is_not_authorized(self, learner: SignedIn) -> None:
        answer = learner.call("GET", "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")

    @pytest.mark.parametrize("body", ["{", "[]"])
    def test_a_broken_body(self, cloud: Endpoints, learner: SignedIn, body: str) -> None:
        url = f"{cloud.arm}{learner.identity_path('broken')}?api-version=2023-01-31"
        headers = {"Authorization": f"Bearer {learner.token()}"}
        answer = learner.http.put(url, content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")

    def test_headers_of_every_answer(self, learner: SignedIn) -> None:
        headers = learner.call("GET", learner.group).headers
        assert headers["Content-Type"] == "application/json; charset=utf-8"
        assert headers["x-ms-ratelimit-remaining-subscription-global-reads"] == "16499"
        assert headers["x-ms-request-id"]


class TestAuthorization:
    def test_an_identity_may_do_what_its_role_says(
        self, cloud: Endpoints, learner: SignedIn, issuer: Issuer, fresh_name: str
    ) -> None:
        identity = learner.make_identity(fresh_name)
        learner.trust(fresh_name, issuer.url, "somebody")
        answer = learner.token_answer(
            client_id=identity["clientId"],
            client_assertion=issuer.assertion("somebody"),
            client_assertion_type=ASSERTION_TYPE,
        )
        somebody = SignedIn(cloud, learner.http, {cloud.arm: answer.json()["access_token"]})
        refused = somebody.call("GET", learner.cluster)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
        assert "'Microsoft.ContainerService/managedClusters/read'" in refused.json()["error"]["message"]

        learner.assign(learner.group, identity["principalId"], READER).raise_for_status()
        assert somebody.call("GET", learner.cluster).is_success
        keys = somebody.call("POST", f"{learner.account}/listKeys")
        assert "Microsoft.CognitiveServices/accounts/listKeys/action" in keys.json()["error"]["message"]
        assert somebody.assign(learner.group, identity["principalId"], READER).status_code == 403


class TestResourceGroups:
    def test_the_seeded_one(self, sdk: ResourceManagementClient, cloud: Endpoints) -> None:
        found = sdk.resource_groups.get(cloud["resource_group"])
        assert (found.type, found.location) == ("Microsoft.Resources/resourceGroups", "eastus")
        assert cloud["resource_group"] in [each.name for each in sdk.resource_groups.list()]
        assert sdk.resource_groups.check_existence(cloud["resource_group"]) is True

    def test_a_missing_one(self, sdk: ResourceManagementClient) -> None:
        assert sdk.resource_groups.check_existence("nowhere") is False
        with pytest.raises(ResourceNotFoundError, match="'nowhere' could not be found"):
            sdk.resource_groups.get("nowhere")

    def test_made_once_and_kept(self, learner: SignedIn, fresh_name: str) -> None:
        path = f"{learner.subscription}/resourcegroups/{fresh_name}"
        assert learner.call("PUT", path, {"location": "West US 2"}).status_code == 201
        again = learner.call("PUT", path, {"location": "westus2", "tags": {"a": "b"}})
        assert (again.status_code, again.json()["tags"]) == (200, {"a": "b"})
        moved = learner.call("PUT", path, {"location": "eastus"})
        assert moved.json()["error"]["code"] == "InvalidResourceGroupLocation"


class TestResources:
    def test_filtered_by_type_whatever_its_case(
        self, sdk: ResourceManagementClient, cloud: Endpoints
    ) -> None:
        wanted = "resourceType eq 'microsoft.containerservice/MANAGEDCLUSTERS'"
        found = list(sdk.resources.list_by_resource_group(cloud["resource_group"], filter=wanted))
        assert [(each.name, each.type) for each in found] == [
            (cloud["cluster_name"], "Microsoft.ContainerService/ManagedClusters")
        ]

    def test_an_account_is_not_an_azure_openai_one(self, learner: SignedIn, cloud: Endpoints) -> None:
        condition = (
            f"resourceGroup eq '{cloud['resource_group']}' and "
            "resourceType eq 'Microsoft.CognitiveServices/accounts'"
        )
        answer = learner.call("GET", f"{learner.subscription}/resources", **{"$filter": condition})
        found = answer.json()["value"]
        kinds = {each["name"]: each["kind"] for each in found}
        assert kinds["store-speech"] == "SpeechServices"
        assert kinds[cloud["account_name"]] == "OpenAI"
        assert all("properties" not in each for each in found)

    def test_whether_one_exists(self, sdk: ResourceManagementClient, learner: SignedIn) -> None:
        version = "2025-06-01"
        assert sdk.resources.check_existence_by_id(learner.account, api_version=version) is True
        assert sdk.resources.check_existence_by_id(f"{learner.account}x", api_version=version) is False

    def test_a_filter_it_does_not_know(self, learner: SignedIn) -> None:
        answer = learner.call("GET", f"{learner.subscription}/resources", **{"$filter": "tagName eq 'a'"})
        assert answer.json()["error"]["code"] == "InvalidFilterInQueryString"

    async def test_asynchronously(self, cloud: Endpoints) -> None:
        async with (
            AsyncWorkloadIdentityCredential(**sign_in(cloud)) as credential,
            AsyncResourceManagementClient(credential, cloud["subscription_id"], **options(cloud)) as opened,
        ):
            names = [each.name async for each in opened.resources.list()]
        assert cloud["account_name"] in names


def test_subscriptions_and_tenants(learner: SignedIn, cloud: Endpoints) -> None:
    subscriptions = learner.call("GET", "/subscriptions").json()["value"]
    assert [each["subscriptionId"] for each in subscriptions] == [cloud["subscription_id"]]
    assert learner.call("GET", learner.subscription).json()["state"] == "Enabled"
    tenants = learner.call("GET", "/tenants").json()["value"]
    assert [each["tenantId"] for each in tenants] == [cloud["tenant_id"]]


class TestProviders:
    def test_api_versions_for_generic_clients(self, sdk: ResourceManagementClient) -> None:
        provider = sdk.providers.get("microsoft.cognitiveservices")
        versions = {each.resource_type: each.api_versions for each in provider.resource_types or []}
        assert "2025-06-01" in (versions["accounts"] or [])

    def test_an_unknown_namespace(self, sdk: ResourceManagementClient) -> None:
        with pytest.raises(ResourceNotFoundError, match="InvalidResourceNamespace"):
            sdk.providers.get("Contoso.Nothing")
