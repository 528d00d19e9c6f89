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
from az_world import Az, az_python
from claims import Log, claimed_by, missing
from practice_world import Issuer, SignedIn, serving_issuer

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from clients import RecordProperty

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
    places = ("own", "az_cloud", "cloud")
    place = next((each for each in places if each in request.fixturenames), "cloud")
    found: Any = request.getfixturevalue(place)
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


@pytest.fixture(scope="session")
def az_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud that the tests of `az` share; they change it, each in groups of its own."""
    if az_python() is None:
        pytest.skip("no az here: its commands are NOT tried")
    folder = tmp_path_factory.mktemp("az")
    try:
        yield client.start(folder, time_scale=10)
    finally:
        client.stop(folder)


@pytest.fixture(scope="session")
def az(az_cloud: client.Endpoints) -> Iterator[Az]:
    """`az`, signed in as the workshop's shell has it."""
    opened = Az(az_cloud)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def says(record_property: RecordProperty, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let wrappers around clients say what each test drives."""
    monkeypatch.setattr("clients.RUNNING", [record_property])


@pytest.fixture(scope="session")
def az_http(az_cloud: client.Endpoints) -> Iterator[httpx.Client]:
    """A plain client for the practice cloud that az is used with."""
    trust = ssl.create_default_context(cafile=str(az_cloud.ca_file))
    with httpx.Client(verify=trust, trust_env=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def az_learner(az_cloud: client.Endpoints, az_http: httpx.Client) -> SignedIn:
    """REST access beside az."""
    return SignedIn(az_cloud, az_http)


@pytest.fixture
def az_issuer(az_cloud: client.Endpoints, tmp_path: Path) -> Iterator[Issuer]:
    """An issuer of the test's own, trusted where az is used."""
    with serving_issuer(az_cloud.ca_file.parent, tmp_path) as served:
        yield served
