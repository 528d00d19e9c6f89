"""The managed cluster: read, changed as a whole, and the operation that follows."""

from __future__ import annotations

import base64
import os
import signal
import ssl
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from azure.core.exceptions import ResourceExistsError
from azure.identity import WorkloadIdentityCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from practice_world import SignedIn

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "2025-08-01"
UPDATE_SECONDS = 5.0
TIME_SCALE = 10.0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[SignedIn]:
    """A practice cloud of the test's own: the issuer can't be turned off again."""
    try:
        cloud = client.start(tmp_path, time_scale=TIME_SCALE, cluster_update_seconds=UPDATE_SECONDS)
        context = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=context, trust_env=False) as http:
            yield SignedIn(cloud, http)
    finally:
        client.stop(tmp_path)


def with_features(cluster: dict[str, Any], *, issuer: bool, identity: bool) -> dict[str, Any]:
    """Return the cluster as a GET-modify-PUT sends it back."""
    properties = {
        **cluster["properties"],
        "oidcIssuerProfile": {"enabled": issuer},
        "securityProfile": {"workloadIdentity": {"enabled": identity}},
    }
    return {**cluster, "properties": properties}


def wait(own: SignedIn, answer: httpx.Response) -> list[str]:
    """Follow an operation to its end; return the statuses it went through."""
    statuses = []
    while True:
        headers = {"Authorization": f"Bearer {own.token()}"}
        polled = own.http.get(answer.headers["Azure-AsyncOperation"], headers=headers)
        statuses.append(polled.json()["status"])
        if "endTime" in polled.json():
            return statuses
        time.sleep(float(polled.headers["Retry-After"]) / 2)


def test_as_the_quickstart_leaves_it(learner: SignedIn) -> None:
    cluster = learner.call("GET", learner.cluster).json()
    assert cluster["type"] == "Microsoft.ContainerService/ManagedClusters"
    assert "/resourcegroups/" in cluster["id"]
    assert cluster["properties"]["provisioningState"] == "Succeeded"
    listed = learner.call("GET", learner.cluster.rpartition("/")[0]).json()["value"]
    assert [each["name"] for each in listed] == [cluster["name"]]


def test_features_are_turned_on_by_a_long_running_update(own: SignedIn) -> None:
    cluster = own.call("GET", own.cluster).json()
    assert cluster["properties"]["oidcIssuerProfile"] == {"enabled": False}

    answer = own.call("PUT", own.cluster, with_features(cluster, issuer=True, identity=True))
    assert answer.status_code == 200
    assert "Retry-After" not in answer.headers
    assert answer.json()["properties"]["provisioningState"] == "Updating"
    issuer = answer.json()["properties"]["oidcIssuerProfile"]["issuerURL"]
    assert issuer.startswith(own.cloud["issuer"])
    assert issuer.endswith("/")

    second = own.call("PUT", own.cluster, with_features(cluster, issuer=True, identity=True))
    assert second.status_code == 409
    assert second.json()["code"] == "OperationNotAllowed", "this provider leaves the envelope out"

    statuses = wait(own, answer)
    assert statuses[0] == "InProgress"
    assert statuses[-1] == "Succeeded"
    assert "ProvisioningControlPlane" in statuses
    updated = own.call("GET", own.cluster).json()
    assert updated["properties"]["provisioningState"] == "Succeeded"
    assert updated["properties"]["securityProfile"] == {"workloadIdentity": {"enabled": True}}
    assert updated["properties"]["agentPoolProfiles"] == cluster["properties"]["agentPoolProfiles"]

    disabled = own.call("PUT", own.cluster, with_features(updated, issuer=False, identity=False))
    assert (disabled.status_code, disabled.json()["code"]) == (400, "OIDCIssuerFeatureCannotBeDisabled")
    assert "OIDC issuer feature cannot be disabled" in disabled.json()["message"]

    answer = own.call("PUT", own.cluster, with_features(updated, issuer=True, identity=False))
    wait(own, answer)
    last = own.call("GET", own.cluster).json()["properties"]
    assert last["securityProfile"] == {"workloadIdentity": {"enabled": False}}
    assert last["oidcIssuerProfile"] == {"enabled": True, "issuerURL": issuer}


def test_an_update_outlives_kill_9(own: SignedIn) -> None:
    cluster = own.call("GET", own.cluster).json()
    answer = own.call("PUT", own.cluster, with_features(cluster, issuer=True, identity=True))
    os.kill(own.cloud.pid, signal.SIGKILL)
    os.waitpid(own.cloud.pid, 0)

    folder = own.cloud.ca_file.parent
    assert client.status(folder) is None, "the file is there, but nobody answers"
    again = client.start(folder, time_scale=TIME_SCALE, cluster_update_seconds=UPDATE_SECONDS)
    assert again.arm == own.cloud.arm
    assert wait(own, answer)[-1] == "Succeeded"
    updated = own.call("GET", own.cluster).json()["properties"]
    assert updated["provisioningState"] == "Succeeded"
    assert updated["oidcIssuerProfile"]["enabled"] is True


def test_through_the_sdk(own: SignedIn) -> None:
    cloud = own.cloud
    with (
        WorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=cloud["sign_in"]["client_id"],
            token_file_path=cloud["sign_in"]["token_file"],
            authority=cloud["entra"],
            connection_verify=str(cloud.ca_file),
        ) as credential,
        ResourceManagementClient(
            credential,
            cloud["subscription_id"],
            base_url=cloud.arm,
            credential_scopes=[f"{cloud.arm}/.default"],
            connection_verify=str(cloud.ca_file),
        ) as sdk,
    ):
        cluster = sdk.resources.get_by_id(own.cluster, api_version=VERSION).as_dict()
        wanted = with_features(cluster, issuer=True, identity=True)
        poller = sdk.resources.begin_create_or_update_by_id(own.cluster, wanted, api_version=VERSION)
        with pytest.raises(ResourceExistsError, match="in progress"):
            sdk.resources.begin_create_or_update_by_id(own.cluster, wanted, api_version=VERSION)
        updated = poller.result(timeout=10)
    assert updated.properties is not None
    assert updated.properties["provisioningState"] == "Succeeded"
    assert updated.properties["oidcIssuerProfile"]["issuerURL"].endswith("/")


def test_workload_identity_needs_the_issuer(learner: SignedIn) -> None:
    cluster = learner.call("GET", learner.cluster).json()
    if cluster["properties"]["oidcIssuerProfile"]["enabled"]:
        pytest.skip("another test of the session has turned the issuer on")
    answer = learner.call("PUT", learner.cluster, with_features(cluster, issuer=False, identity=True))
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


def test_the_location_can_not_change(learner: SignedIn) -> None:
    cluster = learner.call("GET", learner.cluster).json()
    assert learner.call("PUT", learner.cluster, {**cluster, "location": "westus"}).status_code == 400
    assert learner.call("PUT", learner.cluster, {"properties": {}}).status_code == 400


def test_there_is_one_cluster(learner: SignedIn) -> None:
    other = f"{learner.group}/providers/Microsoft.ContainerService/managedClusters/other"
    missing = learner.call("GET", other)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ResourceNotFound")
    assert learner.call("PUT", other, {"location": "eastus"}).status_code == 403


def test_credentials_are_a_kubeconfig(learner: SignedIn) -> None:
    answer = learner.call("POST", f"{learner.cluster}/listClusterUserCredential").json()
    assert [each["name"] for each in answer["kubeconfigs"]] == ["clusterUser"]
    base64.b64decode(answer["kubeconfigs"][0]["value"], validate=True)


def test_an_unknown_operation(learner: SignedIn) -> None:
    path = f"{learner.subscription}/providers/Microsoft.ContainerService/locations/eastus/operations/none"
    assert learner.call("GET", path).status_code == 404
