"""People's sign-in by unchanged clients: MSAL, and azure-identity's DeviceCodeCredential."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msal
import pytest
from az_world import HIDDEN, approve, filled
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DeviceCodeCredential
from clients import RecordProperty, driven, package

from workshop_tui.practice import client
from workshop_tui.practice.signing import read_unverified

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from workshop_tui.practice.client import Endpoints

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
AT_ONCE: dict[str, Any] = {"exit_condition": lambda _: True}
"""MSAL asks once and hands back what it was told."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud in which a quarter of an hour is two seconds."""
    folder = tmp_path_factory.mktemp("people")
    try:
        yield client.start(folder, time_scale=450)
    finally:
        client.stop(folder)


def application(cloud: Endpoints, patch: pytest.MonkeyPatch) -> msal.PublicClientApplication:
    """Return MSAL as az configures it."""
    patch.setenv("REQUESTS_CA_BUNDLE", str(cloud.ca_file))
    return msal.PublicClientApplication(
        AZURE_CLI,
        authority=f"{cloud['entra']}/organizations",
        instance_discovery=False,
    )


def test_device_codes_refused_to_msal(
    own: Endpoints, monkeypatch: pytest.MonkeyPatch, record_property: RecordProperty
) -> None:
    driven(record_property, package("msal"), "device codes, refused")
    app, scope = application(own, monkeypatch), [f"{own.arm}/.default"]
    flow = app.initiate_device_flow(scope)
    assert (flow["expires_in"], flow["interval"]) == (2, 1)

    def poll(**other: Any) -> tuple[str, str]:
        told = app.acquire_token_by_device_flow({**flow, **other}, **AT_ONCE)
        return told["error"], told["error_description"].partition(":")[0]

    assert poll() == ("authorization_pending", "AADSTS70016")
    assert poll() == ("slow_down", "AADSTS70017")
    time.sleep(flow["expires_in"])
    assert poll(expires_at=time.time() + 60) == ("expired_token", "AADSTS70020")
    assert poll(device_code="unknown") == ("invalid_grant", "AADSTS70000")
    both = app.initiate_device_flow([*scope, f"{own['graph']}/.default"])
    assert both["error_description"].startswith("AADSTS70011: The provided value")
    told = app.acquire_token_by_refresh_token("made-up", scope)
    assert told["error_description"].startswith("AADSTS70000: The provided value for the input parameter")


def test_codes_refused_to_msal(cloud: Endpoints, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    app, scope = application(cloud, monkeypatch), [f"{cloud.arm}/.default"]
    flow = app.initiate_auth_code_flow(scope, redirect_uri="http://localhost:9", response_mode="form_post")
    page = http.get(flow["auth_uri"])
    told = app.acquire_token_by_auth_code_flow(flow, {"code": "made-up", "state": flow["state"]})
    assert told["error_description"].startswith(
        "AADSTS70000: The provided value for the input parameter 'code'"
    )
    answered = http.post(flow["auth_uri"], data=filled(page.text, cloud))
    code = dict(HIDDEN.findall(answered.text))["code"]
    stolen = {**flow, "code_verifier": "another" * 8}
    told = app.acquire_token_by_auth_code_flow(stolen, {"code": code, "state": flow["state"]})
    assert told["error_description"].startswith("AADSTS501481: The Code_Verifier does not match")
    told = app.acquire_token_by_auth_code_flow(flow, {"code": code, "state": flow["state"]})
    assert told["error"] == "invalid_grant", "a code is tried once"
    abroad = app.initiate_auth_code_flow(scope, redirect_uri="https://elsewhere.example/")
    assert http.get(abroad["auth_uri"]).json()["error_codes"] == [50011]


def test_a_refresh_token_serves_other_resources(
    cloud: Endpoints, http: httpx.Client, monkeypatch: pytest.MonkeyPatch, record_property: RecordProperty
) -> None:
    driven(record_property, package("msal"), "device code", "refresh token")
    app = application(cloud, monkeypatch)
    flow = app.initiate_device_flow([f"{cloud.arm}/.default"])
    approve(cloud, http, flow["verification_uri"], flow["user_code"])
    answer = app.acquire_token_by_device_flow(flow)
    assert answer["id_token_claims"]["preferred_username"] == cloud["learner"]["user_name"]
    (account,) = app.get_accounts()
    cognitive = app.acquire_token_silent(["https://cognitiveservices.azure.com/.default"], account)
    claims = read_unverified(cognitive["access_token"])[1]
    assert (claims["aud"], claims["oid"]) == (
        "https://cognitiveservices.azure.com",
        cloud["learner"]["object_id"],
    )
    refused = http.get(
        f"{cloud['graph']}/v1.0/me", headers={"Authorization": f"Bearer {answer['refresh_token']}"}
    )
    assert refused.status_code == 401, "a refresh token opens nothing"


def test_device_code_credential(
    cloud: Endpoints, http: httpx.Client, record_property: RecordProperty
) -> None:
    driven(record_property, package("azure-identity"), "DeviceCodeCredential")

    def prompt(page: str, code: str, _: Any) -> None:
        approve(cloud, http, page, code)

    with DeviceCodeCredential(
        authority=cloud["entra"],
        tenant_id=cloud["tenant_id"],
        disable_instance_discovery=True,
        connection_verify=str(cloud.ca_file),
        prompt_callback=prompt,
    ) as credential:
        token = credential.get_token(f"{cloud.arm}/.default").token
    assert read_unverified(token)[1]["upn"] == cloud["learner"]["user_name"]


def test_an_unknown_application_has_no_people(cloud: Endpoints) -> None:
    with (
        DeviceCodeCredential(
            client_id="11111111-2222-4333-8444-555555555555",
            authority=cloud["entra"],
            tenant_id=cloud["tenant_id"],
            disable_instance_discovery=True,
            connection_verify=str(cloud.ca_file),
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700016"),
    ):
        credential.get_token(f"{cloud.arm}/.default")
