"""A cluster is stopped and started by `az`: nobody answers meanwhile, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from az_world import CLUSTER, GROUP, SECONDS, Az, az_python
from practice_world import eventually

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: its commands are NOT tried")
WHICH = ("-g", GROUP, "-n", CLUSTER)


def begin(folder: Path) -> client.Endpoints:
    """Start a practice cloud, or start it again."""
    return client.start(folder, time_scale=20, cluster_update_seconds=2)


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud of the test's own: others must not find its cluster stopped."""
    folder = tmp_path_factory.mktemp("power")
    try:
        yield begin(folder)
    finally:
        client.stop(folder)


def kubectl(cloud: client.Endpoints, *words: str) -> tuple[int, str]:
    """Return how `kubectl` ended, and what it said."""
    environment = {**os.environ, **client.environment(cloud.ca_file.parent)}
    done = subprocess.run(
        ("kubectl", *words),
        capture_output=True,
        text=True,
        env=environment,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_cluster_is_stopped_and_started(own: client.Endpoints) -> None:
    az = Az(own)
    az("aks", "get-credentials", *WHICH)
    pods = ("get", "pods", "--selector", "app=ai-service", "--output", "name")
    eventually(lambda: "pod/ai-service" in kubectl(own, *pods)[1])
    before = kubectl(own, *pods)
    az("aks", "stop", *WHICH)
    stopped = az("aks", "show", *WHICH)
    assert stopped["powerState"] == {"code": "Stopped"}
    assert stopped["provisioningState"] == "Succeeded"
    assert [pool["powerState"]["code"] for pool in stopped["agentPoolProfiles"]] == ["Stopped"]
    code, said = kubectl(own, "get", "pods")
    assert (code, "was refused - did you specify the right host or port?" in said) == (1, True), said
    again = az("aks", "stop", *WHICH, code=1)
    assert "and Power State(Stopped), stopping cannot be performed" in again
    changed = az("aks", "update", *WHICH, "--enable-oidc-issuer", code=1)
    assert "and Power State(Stopped), updating cannot be performed" in changed

    # It stays stopped when the practice cloud is started anew.
    folder = own.ca_file.parent
    client.stop(folder)
    begin(folder)
    assert kubectl(own, "get", "pods")[0] == 1
    az("aks", "start", *WHICH)
    assert az("aks", "show", *WHICH)["powerState"] == {"code": "Running"}
    eventually(lambda: kubectl(own, *pods) == before)
    ready = ("wait", "--for=condition=Ready", "pod", "--selector", "app=store-admin", "--timeout=60s")
    assert kubectl(own, *ready)[0] == 0
    assert "starting cannot be performed" in az("aks", "start", *WHICH, code=1)
    az.close()
