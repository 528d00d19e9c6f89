"""What tests of pods share: one cluster to look at with kubectl, and one pod for streams into pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aks_world import Aks, enable_workload_identity, running_aks
from docker_images import docker_client
from streams_world import VERSIONS, StreamsWorld, kubectl_programs, streams_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practice_world import SignedIn


@pytest.fixture(scope="session")
def aks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aks]:
    """A cluster with workload identity, the store in it, and kubectl; fifty times as fast."""
    with running_aks(tmp_path_factory.mktemp("aks")) as running:
        enable_workload_identity(running)
        yield running


@pytest.fixture(scope="session")
def world(learner: SignedIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreamsWorld]:
    """A Deployment of one pod that runs as a real process."""
    if not kubectl_programs():
        pytest.skip("there is no kubectl on this machine")
    with streams_world(learner, tmp_path_factory.mktemp("streams")) as made:
        yield made


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Each version of kubectl that the workshop's learners may have."""
    if request.param not in kubectl_programs():
        pytest.skip(f"there is no kubectl {request.param} on this machine")
    return str(request.param)


@pytest.fixture(scope="module")
def docker() -> Iterator[Any]:
    """A client of the Docker daemon."""
    with docker_client() as client:
        yield client
