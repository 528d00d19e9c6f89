"""One practice cloud per test session, in a process of its own, fifty times as fast as real time.

The tests share it, so each makes its identities and names anew (`fresh_name`) and leaves the account, the
cluster and the learner's sign-in as they were.
"""

from __future__ import annotations

import ssl
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from claims import Log, claimed_by, missing
from practice_world import Issuer, SignedIn, serving_issuer

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

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


@pytest.fixture(scope="session")
def http(tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A plain HTTP client that trusts the practice cloud."""
    with httpx.Client(verify=tls, trust_env=False) as opened:
        yield opened


@pytest.fixture
def fresh_name() -> str:
    """A name no other test uses."""
    return f"test-{uuid.uuid4().hex[:10]}"


SKIPPED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note that a test was skipped: one that did not run can prove nothing, and need not."""
    report = yield
    if report.skipped:
        item.stash[SKIPPED] = True
    return report


@pytest.fixture(autouse=True)
def claims(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold a test that is named as a proof to it: the routes it is to reach are in the request log."""
    name = request.node.nodeid.rpartition("/")[2].partition("[")[0]
    claimed = claimed_by(name)
    if not claimed:
        yield
        return
    found: Any = request.getfixturevalue("own" if "own" in request.fixturenames else "cloud")
    cloud: client.Endpoints = getattr(found, "cloud", found)
    trust = ssl.create_default_context(cafile=str(cloud.ca_file))
    with httpx.Client(verify=trust, trust_env=False) as http:
        log = Log(cloud, http)
        yield
        if request.node.stash.get(SKIPPED, False):
            return
        assert missing(claimed, log.reached()) == [], "not reached by a real client"


@pytest.fixture(scope="session")
def learner(cloud: client.Endpoints, http: httpx.Client) -> SignedIn:
    """The learner, signed in."""
    return SignedIn(cloud, http)


@pytest.fixture
def issuer(cloud: client.Endpoints, tmp_path: Path) -> Iterator[Issuer]:
    """An issuer of the test's own."""
    with serving_issuer(cloud.ca_file.parent, tmp_path) as served:
        yield served
