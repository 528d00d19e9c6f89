"""One cluster for the tests of this folder, and the clients that talk to it."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from cluster_world import World, running_cluster
from kubectl_programs import Kubectl, programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from clients import RecordProperty

PROGRAMS = programs()


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
def kubectl_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kubectl keeps what it discovered."""
    return tmp_path_factory.mktemp("kubectl")


@pytest.fixture(params=PROGRAMS.items() or [("", "")], ids=lambda item: item[0] or "none")
def kubectl(
    request: pytest.FixtureRequest,
    world: World,
    kubectl_cache: Path,
    record_property: RecordProperty,
) -> Kubectl:
    """Runs kubectl against the cluster and returns what it prints: one version, or each of the matrix."""
    version, program = request.param
    if not program:
        pytest.skip("there is no kubectl on this machine")
    own = {"KUBECONFIG": str(world.kubeconfig), "KUBECACHEDIR": str(kubectl_cache / version)}
    return Kubectl(version, program, os.environ | own, record_property)


@pytest.fixture
def namespace(api: httpx.Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"t{abs(hash(request.node.nodeid)) % 10**8}"
    api.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    yield name
    api.delete(f"/api/v1/namespaces/{name}").raise_for_status()


@pytest.fixture
def cluster(kubectl: Kubectl, namespace: str) -> Callable[..., str]:
    """Runs kubectl in a namespace of the test's own; objects become manifests on stdin."""

    def run(*arguments: str, object_: Any = None, fails: bool = False, editor: Path | None = None) -> str:
        manifest = yaml.safe_dump(object_) if object_ else ""
        file = ("-f", "-") if object_ else ()
        environment = {"KUBE_EDITOR": str(editor)} if editor else None
        return kubectl(
            "-n", namespace, *arguments, *file, stdin=manifest, fails=fails, environment=environment
        )

    return run


@pytest.fixture(scope="session")
def folder(world: World) -> Path:
    """The state folder of the cluster."""
    return world.practice.options.folder
