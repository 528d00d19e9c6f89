"""The rest of ARM and the registry, by unchanged clients: Azure's SDK and Docker.

What these tests reached is read from the practice cloud's own request log: see `claims` in conftest.py.
"""

from __future__ import annotations

import io
import json
import re
import ssl
import tarfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import docker as docker_sdk
import httpx
import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from azure.identity import WorkloadIdentityCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from azure_refusals import CASES, READER, Refused
from clients import RecordProperty, driven, package
from practice_world import SignedIn

from workshop_tui.practice import client
from workshop_tui.practice.seed_world import DECOY_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.client import Endpoints

VERSIONS = {
    "Microsoft.CognitiveServices": "2025-06-01",
    "Microsoft.ContainerService": "2025-08-01",
    "Microsoft.ManagedIdentity": "2024-11-30",
    "Microsoft.Authorization": "2022-04-01",
}


@pytest.fixture
def sdk(cloud: Endpoints) -> Iterator[Any]:
    """Azure's own client for ARM."""
    with signed_in(cloud) as opened:
        yield opened


@contextmanager
def signed_in(cloud: Endpoints, **options: Any) -> Iterator[Any]:
    """Open Azure's own client for ARM, signed in by the token file."""
    trust = str(cloud.ca_file)
    sign_in = cloud["sign_in"]
    with (
        WorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=sign_in["client_id"],
            token_file_path=sign_in["token_file"],
            authority=cloud["entra"],
            connection_verify=trust,
        ) as credential,
        ResourceManagementClient(
            credential,
            cloud["subscription_id"],
            base_url=cloud.arm,
            credential_scopes=[f"{cloud.arm}/.default"],
            connection_verify=trust,
            **options,
        ) as opened,
    ):
        yield opened


def listed(sdk: Any, path: str) -> list[str]:
    """Return the names in a collection, asked for as any resource is."""
    version = VERSIONS.get(path.rpartition("/providers/")[2].partition("/")[0], "2024-11-01")
    found = sdk.resources.get_by_id(path, api_version=version)
    return [each.get("name", "") for each in found.as_dict()["value"]]


def test_collections(sdk: Any, learner: SignedIn, cloud: Endpoints, record_property: RecordProperty) -> None:
    driven(record_property, package("azure-mgmt-resource"), "resource_groups", "resources.list", "get_by_id")
    assert cloud["resource_group"] in [each.name for each in sdk.resource_groups.list()]
    names = {each.name for each in sdk.resources.list()}
    assert {each.name for each in sdk.resources.list_by_resource_group(cloud["resource_group"])} <= names
    cognitive = f"{learner.group}/providers/Microsoft.CognitiveServices/accounts"
    assert cloud["account_name"] in listed(sdk, cognitive)
    assert listed(sdk, f"{learner.account}/deployments") == [cloud["deployment_name"]]
    clusters = f"{learner.subscription}/providers/Microsoft.ContainerService/managedClusters"
    assert listed(sdk, clusters) == [cloud["cluster_name"]]
    listed(sdk, f"{learner.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities")
    assert listed(sdk, f"{learner.account}/providers/Microsoft.Authorization/roleDefinitions")
    assert listed(sdk, "/subscriptions")
    assert sdk.resources.get_by_id(learner.subscription, api_version="2022-12-01").as_dict()["tenantId"]


def test_an_account_is_changed_and_its_keys_renewed(
    sdk: Any, learner: SignedIn, fresh_name: str, record_property: RecordProperty
) -> None:
    driven(
        record_property, package("azure-mgmt-resource"), "begin_create_or_update_by_id", "begin_update_by_id"
    )
    group = sdk.resource_groups.create_or_update(fresh_name, {"location": "eastus"})
    path = f"{group.id}/providers/Microsoft.CognitiveServices/accounts/{fresh_name}"
    version = VERSIONS["Microsoft.CognitiveServices"]
    wanted = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
    sdk.resources.begin_create_or_update_by_id(path, wanted, api_version=version).result()
    on = {"properties": {"disableLocalAuth": False}}
    off = {"properties": {"disableLocalAuth": True}, "tags": {"a": "b"}}
    changed = sdk.resources.begin_update_by_id(path, off, api_version=version).result().as_dict()
    assert (changed["properties"]["disableLocalAuth"], changed["tags"]) == (True, {"a": "b"})
    with pytest.raises(HttpResponseError, match="disableLocalAuth is set to be true"):
        post(sdk, f"{learner.cloud.arm}{path}/listKeys", {})
    sdk.resources.begin_update_by_id(path, on, api_version=version).result()
    before = post(sdk, f"{learner.cloud.arm}{path}/listKeys", {})
    after = post(sdk, f"{learner.cloud.arm}{path}/regenerateKey", {"keyName": "Key2"})
    assert (after["key1"] == before["key1"], after["key2"] == before["key2"]) == (True, False)


def post(sdk: Any, url: str, body: dict[str, Any]) -> Any:
    """Send an action by the SDK's own pipeline."""
    address = f"{url}?api-version={VERSIONS['Microsoft.CognitiveServices']}"
    answer = sdk._client.send_request(HttpRequest("POST", address, json=body))
    if answer.status_code >= 400:
        raise HttpResponseError(response=answer)
    return answer.json()


@pytest.fixture
def docker() -> Iterator[Any]:
    try:
        made = docker_sdk.from_env(timeout=60)
        made.ping()
    except docker_sdk.errors.DockerException:
        pytest.skip("no Docker daemon answers here: push and pull are NOT tried")
    yield made
    made.close()


def test_docker_pushes_and_pulls(
    docker: Any, cloud: Endpoints, fresh_name: str, record_property: RecordProperty
) -> None:
    driven(record_property, f"Python SDK of {package('docker')}", "push", "pull", "inspect_distribution")
    repository = f"{cloud['registry']}/{fresh_name}"
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        member = tarfile.TarInfo("word")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"hello"))
    imported = docker.api.import_image_from_data(layer.getvalue(), repository=repository, tag="1h")
    assert "error" not in imported
    try:
        told = [json.loads(each) for each in docker.images.push(repository, tag="1h").splitlines()]
        digest = next(each["aux"]["Digest"] for each in told if "aux" in each)
        docker.images.remove(f"{repository}:1h", force=True)
        docker.images.pull(repository, tag="1h")
        known = docker.api.inspect_distribution(f"{repository}:1h")
        assert known["Descriptor"]["digest"] == digest
        assert [each["architecture"] for each in known["Platforms"]] == ["amd64"]
        with pytest.raises(docker_sdk.errors.NotFound):
            docker.images.pull(repository, tag="2h")
    finally:
        docker.images.remove(f"{repository}:1h", force=True)


@pytest.fixture
def words_of(learner: SignedIn, fresh_name: str) -> dict[str, str]:
    """What the refused requests speak of."""
    identity = learner.make_identity(fresh_name)
    assigned = learner.assign(learner.group, identity["principalId"], READER).json()
    return {
        "group": learner.group,
        "subscription": learner.subscription,
        "cluster": learner.cluster,
        "account": learner.account,
        "identity": fresh_name,
        "principal": identity["principalId"],
        "developer": learner.cloud["sign_in"]["object_id"],
        "assignment": assigned["name"],
        "guid": str(uuid.uuid4()),
        "speech": DECOY_ACCOUNT,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}{case.words}")
def test_refused_to_the_sdk(
    sdk: Any, learner: SignedIn, words_of: dict[str, str], case: Refused, record_property: RecordProperty
) -> None:
    driven(record_property, package("azure-mgmt-resource"), "refusals")

    def fill(value: Any) -> Any:
        match value:
            case str():
                return value.format(**words_of)
            case dict():
                return {key: fill(each) for key, each in value.items()}
            case list():
                return [fill(each) for each in value]
            case _:
                return value

    path = fill(case.path)
    version = VERSIONS.get(path.rpartition("/providers/")[2].partition("/")[0], "2024-11-01")
    separator = "&" if "?" in path else "?"
    request = HttpRequest(
        case.method, f"{learner.cloud.arm}{path}{separator}api-version={version}", json=fill(case.body)
    )
    answer = sdk._client.send_request(request)
    with pytest.raises(HttpResponseError) as refused:
        raise HttpResponseError(response=answer)
    assert answer.status_code == case.status
    assert refused.value.error is not None
    assert refused.value.error.code == case.code
    assert re.search(re.escape(case.words).replace(re.escape("{}"), ".*"), refused.value.error.message or "")


def test_throttled_to_the_sdk(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("throttled")
    try:
        cloud = client.start(folder, time_scale=0.01)  # what flows back in the meantime is next to nothing
        with signed_in(cloud, retry_total=0) as sdk:
            trust = ssl.create_default_context(cafile=str(cloud.ca_file))
            with httpx.Client(verify=trust, trust_env=False) as http:
                learner = SignedIn(cloud, http)
                for _ in range(250):
                    learner.call("GET", learner.group)
            with pytest.raises(HttpResponseError) as refused:
                list(sdk.resource_groups.list())
    finally:
        client.stop(folder)
    assert refused.value.status_code == 429
    assert refused.value.error is not None
    assert refused.value.error.code == "SubscriptionRequestsThrottled"
    who = cloud["sign_in"]["object_id"]
    words = f"Number of 'read' requests for subscription '{cloud['subscription_id']}' actor '{who}' exceeded."
    assert f"{words} Please try again after '" in (refused.value.error.message or "")


def test_credentials_are_written_one_by_one(sdk: Any, learner: SignedIn, fresh_name: str) -> None:
    learner.make_identity(fresh_name)

    def write(number: int) -> HttpResponseError | None:
        path = f"{learner.identity_path(fresh_name)}/federatedIdentityCredentials/fed-{number}"
        trust = {"issuer": "https://issuer.example/", "subject": f"s{number}", "audiences": ["a"]}
        try:
            sdk.resources.begin_create_or_update_by_id(
                path, {"properties": trust}, api_version="2024-11-30", polling=False
            ).result()
        except HttpResponseError as error:
            return error
        return None

    with ThreadPoolExecutor(8) as pool:
        refused = [each for each in pool.map(write, range(16)) if each is not None]
    assert refused, "sixteen at once"
    assert {each.status_code for each in refused} == {409}
    assert refused[0].error is not None
    assert refused[0].error.code == "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"
