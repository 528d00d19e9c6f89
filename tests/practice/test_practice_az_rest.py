"""`az rest` and the generic `az resource`: what learners use when no command fits, and how it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from az_world import ACCOUNT, CLUSTER, GROUP, Az, az_python

if TYPE_CHECKING:
    from workshop_tui.practice.client import Endpoints

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: its commands are NOT tried")
CLUSTERS = "Microsoft.ContainerService/managedClusters"
ACCOUNTS = "Microsoft.CognitiveServices/accounts"


def group(cloud: Endpoints) -> str:
    return f"/subscriptions/{cloud['subscription_id']}/resourceGroups/{GROUP}"


def test_a_read(az: Az, az_cloud: Endpoints) -> None:
    found = az("rest", "--url", f"{group(az_cloud)}/providers/{CLUSTERS}/{CLUSTER}?api-version=2025-08-01")
    assert found["properties"]["fqdn"]
    keys = f"{group(az_cloud)}/providers/{ACCOUNTS}/{ACCOUNT}/listKeys?api-version=2025-06-01"
    assert set(az("rest", "--method", "post", "--url", keys)) == {"key1", "key2"}


@pytest.mark.parametrize(
    ("tail", "told"),
    [
        (
            "?api-version=2024-11-02",
            "The api-version '2024-11-02' is invalid. The supported versions are '2026",
        ),
        (
            f"/providers/{CLUSTERS}/{CLUSTER}?api-version=2022-12-01",
            "and API version '2022-12-01' for type 'managedClusters'. The supported api-versions",
        ),
        (
            f"/providers/{ACCOUNTS}?api-version=2022-04-01",
            "in the namespace 'Microsoft.CognitiveServices' for api version '2022-04-01'. The supported",
        ),
        ("", "The api-version query parameter (?api-version=) is required for all requests."),
    ],
)
def test_a_version_that_does_not_exist(az: Az, az_cloud: Endpoints, tail: str, told: str) -> None:
    assert told in az("rest", "--url", f"{group(az_cloud)}{tail}", code=1)


def test_resources_in_any_case(az: Az) -> None:
    listed = az("resource", "list", "-g", GROUP.upper(), "--resource-type", CLUSTERS.upper())
    assert [each["name"] for each in listed] == [CLUSTER]
    shown = az("resource", "show", "-g", GROUP, "-n", CLUSTER, "--resource-type", CLUSTERS.lower())
    assert shown["type"] == "Microsoft.ContainerService/ManagedClusters"
    assert "(ResourceNotFound)" in az(
        "resource", "show", "-g", GROUP, "-n", "other", "--resource-type", CLUSTERS, code=3
    )
    assert "(InvalidResourceNamespace)" in az(
        "resource", "show", "-g", GROUP, "-n", "x", "--resource-type", "Microsoft.Nothing/things", code=3
    )


def test_an_account_is_closed_to_keys_and_opened_again(az: Az, fresh_name: str) -> None:
    whom = ("-g", GROUP, "-n", fresh_name)
    make = ("--kind", "OpenAI", "--sku", "S0", "-l", "eastus", "--yes")
    made = az("cognitiveservices", "account", "create", *whom, *make)
    assert made["properties"]["endpoint"].endswith(f"/eastus.{fresh_name}/"), "no address of its own"
    named = az("cognitiveservices", "account", "update", *whom, "--custom-domain", fresh_name)
    assert named["properties"]["customSubDomainName"] == fresh_name
    shown = az("cognitiveservices", "account", "show", *whom)
    assert shown["properties"]["endpoint"].endswith(f"/{fresh_name}/"), "one of its own"
    closed = az("resource", "update", "--ids", made["id"], "--set", "properties.disableLocalAuth=true")
    assert closed["properties"]["disableLocalAuth"] is True
    refused = az("cognitiveservices", "account", "keys", "list", *whom, code=1)
    assert "(BadRequest) Failed to list key. disableLocalAuth is set to be true" in refused
    az("resource", "update", "--ids", made["id"], "--set", "properties.disableLocalAuth=false")
    assert set(az("cognitiveservices", "account", "keys", "list", *whom)) == {"key1", "key2"}

    model = ("--model-name", "gpt-35-turbo", "--model-version", "0125", "--model-format", "OpenAI")
    names = (*whom, "--deployment-name", "chat")
    az(
        "cognitiveservices",
        "account",
        "deployment",
        "create",
        *names,
        *model,
        "--sku",
        "Standard",
        "--sku-capacity",
        "1",
    )
    shown = az("cognitiveservices", "account", "deployment", "show", *names)
    assert shown["properties"]["model"]["name"] == "gpt-35-turbo"
    az("cognitiveservices", "account", "deployment", "delete", *names)
    assert "(NotFound)" in az("cognitiveservices", "account", "deployment", "show", *names, code=3)
    az("cognitiveservices", "account", "delete", *whom)
    assert "(ResourceNotFound)" in az("cognitiveservices", "account", "show", *whom, code=3)


def test_what_no_sdk_sends(az: Az, az_cloud: Endpoints) -> None:
    arm, graph, entra = az_cloud.arm, az_cloud["graph"], az_cloud["entra"]
    chat = f"{az_cloud['openai']}/openai/deployments/{az_cloud['deployment_name']}/chat/completions"
    chat += "?api-version=2024-06-01"
    key = az("cognitiveservices", "account", "keys", "list", "-g", GROUP, "-n", ACCOUNT)["key1"]
    nobody, post = ("--skip-authorization-header",), ("--method", "post")
    keyed = (*nobody, *post, "--headers", f"api-key={key}")
    form = (*nobody, *post, "--headers", "Content-Type=application/x-www-form-urlencoded", "--body")
    application = f"grant_type=client_credentials&client_id={az_cloud['sign_in']['client_id']}&scope=x"
    token = f"{entra}/{az_cloud['tenant_id']}/oauth2/v2.0/token"
    for told, url, arguments in (
        ("AuthenticationFailed", f"{arm}/subscriptions?api-version=2022-12-01", nobody),
        (
            "could not be deserialized",
            f"{group(az_cloud)}?api-version=2024-11-01",
            ("--method", "put", "--body", "{"),
        ),
        ("Access token is empty.", f"{graph}/v1.0/me", nobody),
        ("Access token validation failure.", f"{graph}/v1.0/me", ("--headers", "Authorization=Bearer x")),
        ("Unable to read JSON request payload", f"{graph}/v1.0/groups", (*post, "--body", "{")),
        ("A value is required for property 'displayName'", f"{graph}/v1.0/groups", (*post, "--body", "{}")),
        (
            "Invalid object identifier.",
            f"{graph}/v1.0/directoryObjects/getByIds",
            (*post, "--body", '{"ids": ["x"]}'),
        ),
        ("missing subscription key or access token", chat, (*nobody, *post)),
        ("is not a JSON object", chat, (*keyed, "--body", "[]")),
        ("is not valid JSON", chat, (*keyed, "--body", "{")),
        ("AADSTS900144", token, (*form, "a=b")),
        ("AADSTS70003: The grant type 'password'", token, (*form, "grant_type=password&client_id=x")),
        ("AADSTS7000218", token, (*form, application)),
    ):
        assert told in az("rest", "--url", url, *arguments, code=1), (told, url)
