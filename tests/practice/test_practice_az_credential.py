"""Our own way to a token by az, with the real az signed in to the practice cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.cloud import az_credential
from workshop_tui.cloud.machine.programs import read_az_sign_in, read_program
from workshop_tui.cloud.tokens import claims_of
from workshop_tui.model.machine import AzSignIn

if TYPE_CHECKING:
    import pytest
    from az_world import Az

    from workshop_tui.practice.client import Endpoints


async def test_the_real_az_gives_us_its_token(
    az: Az, az_cloud: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in az.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(az_credential, "SECONDS", 90.0)
    credential = az_credential.AzCredential(az_cloud["subscription_id"])
    token = await credential.get_token(f"{az_cloud.arm}/.default")
    assert claims_of(token.token)["oid"] == az_cloud["sign_in"]["object_id"]


async def test_the_doctor_understands_the_real_az(
    az: Az, az_cloud: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in az.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("workshop_tui.cloud.machine.programs.SECONDS", 90.0)
    found = await read_program("az")
    assert found.version.startswith("2.")
    told = await read_az_sign_in(found.path)
    assert isinstance(told, AzSignIn)
    assert told.cloud == "Practice"
    assert told.kind == "servicePrincipal"
    assert told.subscription_id == az_cloud["subscription_id"]
