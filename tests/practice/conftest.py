"""One practice cloud per test session, in a process of its own, fifty times as fast as real time."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator

TIME_SCALE = 50.0


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """The endpoints of a running practice cloud that all tests of the session share."""
    folder = tmp_path_factory.mktemp("practice")
    try:
        yield client.start(folder, time_scale=TIME_SCALE)
    finally:
        client.stop(folder)


@pytest.fixture(scope="session")
def tls(cloud: client.Endpoints) -> ssl.SSLContext:
    """Trust in the practice cloud's authority and nobody else's."""
    return ssl.create_default_context(cafile=str(cloud.ca_file))


@pytest.fixture
def http(tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A plain HTTP client that trusts the practice cloud."""
    with httpx.Client(verify=tls, trust_env=False) as opened:
        yield opened
