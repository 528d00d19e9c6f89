"""The sign-in of az, by small programs that say what az says."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from workshop_tui.cloud import az_credential
from workshop_tui.cloud.tokens import Tokens
from workshop_tui.model import Names
from workshop_tui.read_failure import ReadFailure
from workshop_tui.target import Target

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = "https://management.azure.com/.default"
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("AZURE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put_az(folder: Path, body: str) -> None:
    az = folder / "az"
    az.write_text(f"#!{sys.executable}\nimport json, os, sys, time\nwords = sys.argv[1:]\n{body}\n")
    az.chmod(0o755)


def tokens(tmp_path: Path) -> Tokens:
    """The tokens of somebody on Azure, who signs in as az does."""
    target = Target(
        kind="azure",
        arm="https://management.azure.com",
        arm_scope=SCOPE,
        authority="https://login.microsoftonline.com",
        tenant_id="t",
        names=Names(SUBSCRIPTION),
        kubeconfig=tmp_path / "config",
    )
    return Tokens(lambda: target.credential(az=az_credential.AzCredential(SUBSCRIPTION)))


async def test_a_token_of_the_chosen_subscription(programs: Path) -> None:
    answer = "{'accessToken': ' '.join(words) + ' ' + os.getcwd(), 'expires_on': 4102444800}"
    put_az(programs, f"print(json.dumps({answer}))")
    async with tokens(programs) as signed_in:
        asked = await signed_in.token(SCOPE)
    assert asked == (
        "account get-access-token --resource https://management.azure.com"
        f" --subscription {SUBSCRIPTION} --output json /"
    )


async def test_an_old_az_tells_local_time(programs: Path) -> None:
    put_az(programs, "print(json.dumps({'accessToken': 'a', 'expiresOn': '2100-01-01 00:00:00.000000'}))")
    async with tokens(programs) as signed_in:
        found = await signed_in.get_token(SCOPE)
    assert found.expires_on > 4102300000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "sys.exit('ERROR: Please run \\'az login\\' to setup account.')",
            "nobody is signed in to Azure on this machine",
        ),
        (
            "sys.exit('ERROR: AADSTS700082: The refresh token has expired. Run az login.')",
            "az gives no token: AADSTS700082: The refresh token has expired. Run az login.",
        ),
        ("print('hello')", "az gives no token: az answered something else than a token"),
    ],
)
async def test_why_there_is_none(programs: Path, body: str, reason: str) -> None:
    put_az(programs, body)
    async with tokens(programs) as signed_in:
        with pytest.raises(ReadFailure) as caught:
            await signed_in.token(SCOPE)
    assert caught.value.unreadable.reason == reason
    assert caught.value.unreadable.cause == "reading.not-signed-in"


async def test_without_az(programs: Path) -> None:
    async with tokens(programs) as signed_in:
        with pytest.raises(ReadFailure) as caught:
            await signed_in.token(SCOPE)
    assert "the Azure CLI is not installed" in caught.value.unreadable.reason


async def test_az_that_is_slow_is_not_signed_out(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(az_credential, "SECONDS", 0.5)
    put_az(programs, "time.sleep(600)")
    async with tokens(programs) as signed_in:
        with pytest.raises(ReadFailure) as caught:
            await signed_in.token(SCOPE)
    assert caught.value.unreadable.reason == "az gave no token in time"
    assert caught.value.unreadable.cause == "reading.unreachable"


async def test_az_ends_with_those_who_wait_for_it(programs: Path) -> None:
    os.mkfifo(programs / "pid")
    put_az(programs, f"open({str(programs / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    async with tokens(programs) as signed_in:
        waiting = asyncio.create_task(signed_in.token(SCOPE))
        pid = int(await asyncio.to_thread((programs / "pid").read_text))
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
