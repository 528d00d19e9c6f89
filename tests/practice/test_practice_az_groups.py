"""Resource groups, regions and the cluster by the real `az`: made, asked for, refused, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from az_world import CLUSTER, GROUP, Az, az_python

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practice_world import SignedIn

    from workshop_tui.practice.client import Endpoints

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: its commands are NOT tried")


def test_regions(az: Az) -> None:
    names = {each["name"]: each["displayName"] for each in az("account", "list-locations")}
    assert names["swedencentral"] == "Sweden Central"


def test_a_group_is_deleted_with_all_in_it(az: Az, az_learner: SignedIn, fresh_name: str) -> None:
    assert az("group", "exists", "-n", fresh_name) is False
    made = az("group", "create", "-n", fresh_name, "-l", "East US", "--tags", "a=b")
    assert (made["location"], made["tags"]) == ("eastus", {"a": "b"})
    identity = az("identity", "create", "-g", fresh_name, "-n", "mine")
    az(
        "role",
        "assignment",
        "create",
        "--role",
        "Reader",
        "--assignee-object-id",
        identity["principalId"],
        "--assignee-principal-type",
        "ServicePrincipal",
        "--scope",
        made["id"],
    )
    az("group", "delete", "-n", fresh_name, "--yes", "--no-wait")
    assert az("group", "show", "-n", fresh_name)["properties"]["provisioningState"] == "Deleting"
    refused = az("identity", "create", "-g", fresh_name, "-n", "late", code=1)
    assert "(ResourceGroupBeingDeleted)" in refused
    az("group", "wait", "-n", fresh_name, "--deleted", "--interval", "1")
    assert "(ResourceGroupNotFound)" in az("group", "show", "-n", fresh_name, code=3)
    assert az("group", "exists", "-n", fresh_name) is False
    assert az("ad", "sp", "list", "--filter", f"appId eq '{identity['clientId']}'") == []
    assert all(fresh_name not in each["scope"] for each in az("role", "assignment", "list", "--all"))
    az("group", "create", "-n", fresh_name, "-l", "westeurope")
    az("aks", "update", "-g", GROUP, "-n", CLUSTER, "--enable-oidc-issuer")
    issuer = az("aks", "show", "-g", GROUP, "-n", CLUSTER)["oidcIssuerProfile"]["issuerUrl"]
    published = az_learner.http.get(f"{issuer}.well-known/openid-configuration")
    az("group", "delete", "-n", fresh_name, "--yes")
    again = az_learner.http.get(f"{issuer}.well-known/openid-configuration")
    assert (published.status_code, again.json()) == (200, published.json()), "another group's cluster stays"
    assert "(ResourceGroupNotFound)" in az("group", "delete", "-n", fresh_name, "--yes", code=3)


def test_the_issuer_stays_on(az: Az) -> None:
    az("aks", "update", "-g", GROUP, "-n", CLUSTER, "--enable-oidc-issuer")
    shown = az(
        "resource",
        "show",
        "-g",
        GROUP,
        "-n",
        CLUSTER,
        "--resource-type",
        "microsoft.containerservice/MANAGEDCLUSTERS",
    )
    refused = az(
        "resource",
        "update",
        "--ids",
        shown["id"],
        "--set",
        "properties.oidcIssuerProfile.enabled=false",
        code=1,
    )
    assert "(OIDCIssuerFeatureCannotBeDisabled) OIDC issuer feature cannot be disabled." in refused


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud to be spoiled."""
    folder = tmp_path_factory.mktemp("spoiled")
    try:
        yield client.start(folder, time_scale=5, cluster_update_seconds=10)
    finally:
        client.stop(folder)


def test_a_cluster_is_deleted(own: Endpoints) -> None:
    az = Az(own)
    wanted = 'properties.securityProfile={"workloadIdentity": {"enabled": true}}'
    cluster = az("aks", "show", "-g", GROUP, "-n", CLUSTER)["id"]
    refused = az("resource", "update", "--ids", cluster, "--set", wanted, code=1)
    assert "Workload identity can only be enabled together with the OIDC issuer." in refused
    az("aks", "delete", "-g", GROUP, "-n", CLUSTER, "--yes", "--no-wait")
    refused = az("aks", "delete", "-g", GROUP, "-n", CLUSTER, "--yes", code=1)
    assert "(OperationNotAllowed) Operation is not allowed because there's an in progress delete" in refused
    az("aks", "wait", "-g", GROUP, "-n", CLUSTER, "--deleted", "--interval", "1")
    assert "(ResourceNotFound)" in az("aks", "show", "-g", GROUP, "-n", CLUSTER, code=3)
    assert az("aks", "list") == []
    az("group", "delete", "-n", GROUP, "--yes")
    assert az("group", "list") == az("resource", "list") == []
    az.close()
