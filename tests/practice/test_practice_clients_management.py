"""Azure's typed management packages, unchanged, as az ships them; and azure-identity in its other ways."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from az_world import Az, az_python
from azure.identity import AzureCliCredential
from azure.identity.aio import ClientSecretCredential, WorkloadIdentityCredential
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from workshop_tui.practice import client
from workshop_tui.practice.signing import read_unverified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.client import Endpoints

SDK_DRIVER = Path(__file__).parent / "sdk_driver.py"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud whose cluster is as it is made."""
    folder = tmp_path_factory.mktemp("management")
    try:
        yield client.start(folder, time_scale=4)
    finally:
        client.stop(folder)


@pytest.mark.skipif(az_python() is None, reason="no az here: its management packages are NOT tried")
def test_the_typed_packages(own: Endpoints) -> None:
    done = subprocess.run(
        [str(az_python()), str(SDK_DRIVER)],
        env=Az(own).environment,
        input=json.dumps(own.document),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    made = seen["identities"]
    assert made["client_id"] != made["principal_id"]
    assert (made["subject"], made["listed"], made["found"]) == ("s", ["fed-1"], True)
    assert (made["same"], made["gone"]) == ([400, "BadRequest"], [404, "NotFound"])
    role = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
    assert seen["roles"] == {"role": role, "again": [409, "RoleAssignmentExists"], "listed": True}
    assert seen["accounts"] == {
        "endpoint": f"{own['openai']}/",
        "keys": 2,
        "deployments": [own["deployment_name"]],
        "missing": [404, "NotFound"],
    }
    assert seen["clusters"]["issuer"].endswith("/")
    assert seen["clusters"]["meanwhile"] == [409, "OperationNotAllowed"]
    assert (seen["clusters"]["state"], seen["clusters"]["kubeconfig"]) == ("Succeeded", "clusterUser")
    assert seen["groups"] == {"location": "eastus", "there": True, "gone": True}


async def test_asynchronously(cloud: Endpoints) -> None:
    sign_in, trust = cloud["sign_in"], str(cloud.ca_file)
    async with (
        WorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=sign_in["client_id"],
            token_file_path=sign_in["token_file"],
            authority=cloud["entra"],
            connection_verify=trust,
        ) as by_token,
        ResourceManagementClient(
            by_token,
            cloud["subscription_id"],
            base_url=cloud.arm,
            credential_scopes=[f"{cloud.arm}/.default"],
            connection_verify=trust,
        ) as resources,
        ClientSecretCredential(
            cloud["tenant_id"],
            sign_in["client_id"],
            sign_in["client_secret"],
            authority=cloud["entra"],
            disable_instance_discovery=True,
            connection_verify=trust,
        ) as by_secret,
    ):
        groups = [each.name async for each in resources.resource_groups.list()]
        assert cloud["resource_group"] in groups
        token = await by_secret.get_token(f"{cloud.arm}/.default")
    assert read_unverified(token.token)[1]["oid"] == sign_in["object_id"]


def test_by_way_of_az(az: Az, az_cloud: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    assert az("account", "show")["environmentName"] == "Practice"
    for name, value in az.environment.items():
        monkeypatch.setenv(name, value)
    with AzureCliCredential(tenant_id=az_cloud["tenant_id"], process_timeout=60) as credential:
        token = credential.get_token(f"{az_cloud.arm}/.default").token
    assert read_unverified(token)[1]["oid"] == az_cloud["sign_in"]["object_id"]
