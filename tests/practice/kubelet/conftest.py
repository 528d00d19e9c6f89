"""One practice cloud for the tests that look at pods with the real kubectl, fifty times as fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aks_world import Aks, enable_workload_identity, running_aks

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def aks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aks]:
    """A cluster with workload identity, the store in it, and kubectl."""
    with running_aks(tmp_path_factory.mktemp("aks")) as running:
        enable_workload_identity(running)
        yield running
