"""Signing in by the real `az`: a person by device code, an application by secret or token; and leaving."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from az_world import GROUP, HIDDEN, SECONDS, Az, approve, az_python, device_code, filled
from practice_world import eventually

from workshop_tui.cloud.machine.az_profile import AzProfile
from workshop_tui.model import AzAccount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practice_world import Issuer, SignedIn

    from workshop_tui.practice.client import Endpoints

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: signing in is NOT tried")


@pytest.fixture
def stranger(az_cloud: Endpoints, tmp_path: Path) -> Iterator[Az]:
    """`az` where nobody is signed in."""
    opened = Az(az_cloud, tmp_path / "azure-cli")
    yield opened
    opened.close()


def test_a_person_signs_in_by_device_code(
    stranger: Az, az_cloud: Endpoints, az_http: httpx.Client, tmp_path: Path
) -> None:
    assert "az login" in stranger("account", "show", code=1)
    login = stranger.begin("login", "--use-device-code")
    page, code = device_code(login)
    assert page == f"{az_cloud['entra']}/devicelogin"
    assert code in az_http.get(page, params={"code": code}).text
    wrong = approve(az_cloud, az_http, page, code, password="guessed")
    assert (wrong.status_code, "AADSTS50126" in wrong.text) == (401, True)
    assert approve(az_cloud, az_http, page, "NOSUCHCOD").status_code == 400
    assert "You have signed in" in approve(az_cloud, az_http, page, code).text
    out, err = login.communicate(timeout=SECONDS)
    assert login.returncode == 0, err
    (subscription,) = json.loads(out)
    assert subscription["user"] == {"name": "learner@practice.example", "type": "user"}
    assert subscription["tenantDefaultDomain"] == "practice.example"
    kept = asyncio.run(AzProfile(tmp_path / "azure-cli").account())
    assert kept == AzAccount("learner@practice.example", "user"), "read from az's own file, without az"

    assert stranger("ad", "signed-in-user", "show")["id"] == az_cloud["learner"]["object_id"]
    assert GROUP in [each["name"] for each in stranger("group", "list")]
    assert stranger("account", "get-access-token")["tenant"] == az_cloud["tenant_id"]
    stranger("account", "set", "--subscription", az_cloud["subscription_id"])
    assert [each["isDefault"] for each in stranger("account", "list")] == [True]
    stranger("logout")
    assert "az login" in stranger("account", "show", code=1)


def test_a_person_signs_in_by_browser(
    stranger: Az, az_cloud: Endpoints, az_http: httpx.Client, tmp_path: Path
) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    program.chmod(0o755)
    stranger.environment["BROWSER"] = f"{program} %s"
    login = stranger.begin("login")
    eventually(opened.exists, SECONDS)
    page = az_http.get(opened.read_text("utf-8"))
    wrong = az_http.post(page.url, data=filled(page.text, az_cloud, password="guessed"))
    assert (wrong.status_code, "AADSTS50126" in wrong.text) == (401, True)
    back = az_http.post(page.url, data=filled(page.text, az_cloud))
    address = re.search(r'<form method="post" action="([^"]+)">', back.text)
    assert address is not None
    httpx.post(address[1], data=dict(HIDDEN.findall(back.text)), trust_env=False)
    out, err = login.communicate(timeout=SECONDS)
    assert login.returncode == 0, err
    assert json.loads(out)[0]["user"]["name"] == az_cloud["learner"]["user_name"]


def test_a_person_says_no(stranger: Az, az_cloud: Endpoints, az_http: httpx.Client) -> None:
    login = stranger.begin("login", "--use-device-code", "--tenant", az_cloud["tenant_id"])
    page, code = device_code(login)
    assert "declined" in approve(az_cloud, az_http, page, code, answer="decline").text
    _, err = login.communicate(timeout=SECONDS)
    assert login.returncode == 1
    assert "authorization_declined" in err or "declined the authorization request" in err


def test_an_application_signs_in(stranger: Az, az_cloud: Endpoints) -> None:
    sign_in, tenant = az_cloud["sign_in"], az_cloud["tenant_id"]
    whom = ("login", "--service-principal", "-u", sign_in["client_id"], "--tenant", tenant)
    assert "AADSTS7000215: Invalid client secret" in stranger(*whom, "-p", "wrong", code=1)
    assert "AADSTS90002: Tenant" in stranger(
        *whom[:-1], "11111111-2222-4333-8444-555555555555", "-p", "x", code=1
    )
    (subscription,) = stranger(*whom, "-p", sign_in["client_secret"])
    assert subscription["user"]["type"] == "servicePrincipal"
    stranger("account", "clear")
    token = Path(sign_in["token_file"]).read_text("utf-8")
    (subscription,) = stranger(*whom, "--federated-token", token)
    assert subscription["id"] == az_cloud["subscription_id"]


def test_a_managed_identity_without_a_role(
    stranger: Az, az_cloud: Endpoints, az_learner: SignedIn, az_issuer: Issuer, fresh_name: str
) -> None:
    made = az_learner.make_identity(fresh_name)
    az_learner.trust(fresh_name, az_issuer.url, "pod")
    whom = ("-u", made["clientId"], "--tenant", az_cloud["tenant_id"])
    proof = ("--federated-token", az_issuer.assertion("pod"), "--allow-no-subscriptions")
    stranger("login", "--service-principal", *whom, *proof)
    refused = stranger("group", "show", "-n", GROUP, "--subscription", az_cloud["subscription_id"], code=1)
    assert "(AuthorizationFailed) The client" in refused
    assert f"object id '{made['principalId']}' does not have authorization to perform action" in refused
    assert "Insufficient privileges" in stranger("ad", "sp", "show", "--id", made["clientId"], code=1)


def test_a_cloud_is_registered_by_its_address(stranger: Az, az_cloud: Endpoints) -> None:
    stranger("cloud", "register", "-n", "Other", "--endpoint-resource-manager", az_cloud.arm)
    known = stranger("cloud", "show", "-n", "Other")["endpoints"]
    assert (known["activeDirectory"], known["resourceManager"]) == (az_cloud["entra"], az_cloud.arm)
    assert known["microsoftGraphResourceId"] == f"{az_cloud['graph']}/"
