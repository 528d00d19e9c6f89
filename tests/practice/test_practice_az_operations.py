"""A cluster's update as `az` lives through it: interrupted, it goes on and is met again."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import httpx
import pytest
from az_world import CLUSTER, GROUP, SECONDS, Az, az_python
from practice_world import SignedIn, eventually

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: its commands are NOT tried")
UPDATE = ("aks", "update", "-g", GROUP, "-n", CLUSTER, "--enable-oidc-issuer", "--enable-workload-identity")


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud whose cluster takes long enough for an update to be met under way."""
    folder = tmp_path_factory.mktemp("operations")
    try:
        yield client.start(folder, cluster_update_seconds=6)
    finally:
        client.stop(folder)


def test_an_update_is_interrupted_and_met_again(own: client.Endpoints) -> None:
    az = Az(own)
    before = az("aks", "show", "-g", GROUP, "-n", CLUSTER)
    assert before["oidcIssuerProfile"]["enabled"] is False
    trust = httpx.create_ssl_context(verify=str(own.ca_file))
    with httpx.Client(verify=trust, trust_env=False) as http:
        learner = SignedIn(own, http)

        def state() -> str:
            found = learner.call("GET", learner.cluster).json()["properties"]["provisioningState"]
            return str(found)

        first = az.begin(*UPDATE)
        eventually(lambda: state() == "Updating")
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=SECONDS)
        assert first.returncode != 0
        refused = az(*UPDATE, code=1)
        assert (
            "(OperationNotAllowed) Operation is not allowed because there's an in progress update" in refused
        )
        eventually(lambda: state() == "Succeeded")
    shown = az("aks", "show", "-g", GROUP, "-n", CLUSTER)
    assert shown["oidcIssuerProfile"]["enabled"] is True, "the service went on without az"
    assert shown["securityProfile"]["workloadIdentity"]["enabled"] is True
    az.close()
