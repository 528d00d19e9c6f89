"""`solve` is killed with -9 amid its actions; run again it goes on, ends green, and doubles nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from free_ports import free_port

from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.findings import Verdict
from workshop_tui.model import FederatedCredentials, IdentityRoles, LearnerRoles, ManagedIdentity, Pods
from workshop_tui.practice import client
from workshop_tui.session import open_session, take_report
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = (
    "→ Assign Cognitive Services OpenAI User to",
    "→ Sign in with an identity when USE_AZURE_AD is true",
    "The app is up; asking it for a description",
    "Packed the app",
    "→ Turn on the OIDC issuer",
    "→ Create the federated credential",
    "waits (ContainerCreating)",
    "→ Turn off sign-in with keys",
)
"""What `solve` says just before it is killed."""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    client.start(tmp_path / "practice", time_scale=10)
    yield {
        "WORKSHOP_TUI_HOME": str(tmp_path),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "LOCAL_PORT": str(free_port()),
    }
    client.stop(tmp_path / "practice")


def solve(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "workshop_tui", "solve", "--bonus"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_killed_at_eight_places(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for place in PLACES:
        with solve(environment) as process:
            assert process.stdout is not None
            seen: list[str] = []
            for line in process.stdout:
                seen.append(line)
                if place in line:
                    break
            else:
                pytest.fail(f"never came to “{place}”:\n{''.join(seen)}")
            process.kill()
    with solve(environment) as process:
        told, _ = process.communicate(timeout=200)
    assert process.returncode == 0, told

    asked: list[str] = []
    enter = RequestGuard.enter

    def noting(guard: RequestGuard, method: str, url: str) -> None:
        asked.append(f"{method} {url}")
        enter(guard, method, url)

    monkeypatch.setattr(RequestGuard, "enter", noting)
    settings = load_settings(os.environ | environment)
    async with open_session(settings, read_only=True) as session:
        report = await take_report(session, session.workshop.steps)
        reads = [request for request in asked if request.startswith("GET ")]
        assert len(reads) > 15
        assert [read for read in reads if reads.count(read) > 1] == [], "a self-check asks nothing twice"
        async with session.guide.open_pass() as facts:
            credentials = await facts.read(FederatedCredentials)
            identity_roles = await facts.read(IdentityRoles)
            learner_roles = await facts.read(LearnerRoles)
            identity = await facts.read(ManagedIdentity)
            pods = await facts.read(Pods)
    assert report.verdict is Verdict.PASSED
    assert isinstance(credentials, FederatedCredentials)
    assert len(credentials.items) == 1
    assert isinstance(identity, ManagedIdentity)
    for roles in (identity_roles, learner_roles):
        assert isinstance(roles, IdentityRoles | LearnerRoles)
        carrying = [grant for grant in roles.grants if "OpenAI User" in grant.role_name]
        assert len(carrying) == 1, roles
    assert isinstance(pods, Pods)
    assert len(pods.running) == 1
