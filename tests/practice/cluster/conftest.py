"""One cluster for the tests of this folder, and the clients that talk to it."""

from __future__ import annotations

import os
import ssl
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml
from cluster_world import World, running_cluster
from practice_world import kubectl_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Kubectl = Callable[..., str]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running cluster with the store in it."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="session")
def api(world: World) -> Iterator[httpx.Client]:
    """An HTTP client signed in as the cluster's administrator."""
    config = yaml.safe_load(world.kubeconfig.read_text())
    trust = ssl.create_default_context(cafile=str(world.practice.ca_file))
    token = config["users"][0]["user"]["token"]
    with httpx.Client(
        base_url=config["clusters"][0]["cluster"]["server"],
        verify=trust,
        trust_env=False,
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client


@pytest.fixture(scope="session")
def kubectl(world: World, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """Runs kubectl against the cluster and returns what it prints."""
    program = kubectl_program()
    if program is None:
        pytest.skip("there is no kubectl on this machine")
    cache = tmp_path_factory.mktemp("kubectl")
    environment = os.environ | {"KUBECONFIG": str(world.kubeconfig), "KUBECACHEDIR": str(cache)}

    def run(*arguments: str, stdin: str = "", fails: bool = False) -> str:
        done = subprocess.run(
            [program, *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def namespace(api: httpx.Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"t{abs(hash(request.node.nodeid)) % 10**8}"
    api.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    yield name
    api.delete(f"/api/v1/namespaces/{name}").raise_for_status()


@pytest.fixture(scope="session")
def folder(world: World) -> Path:
    """The state folder of the cluster."""
    return world.practice.options.folder
