"""Cognitive Services accounts, keys and deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx
    from practice_world import SignedIn

ACCOUNTS = "Microsoft.CognitiveServices/accounts"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def account(learner: SignedIn, fresh_name: str) -> str:
    """The path of an account of the test's own."""
    path = f"{learner.group}/providers/{ACCOUNTS}/{fresh_name}"
    body = {
        "location": "eastus",
        "kind": "OpenAI",
        "sku": {"name": "S0"},
        "properties": {"customSubDomainName": fresh_name},
    }
    answer = learner.call("PUT", path, body)
    assert answer.status_code == 201
    assert answer.json()["properties"]["provisioningState"] == "Creating"
    assert "operationResults" in answer.headers["Azure-AsyncOperation"]
    return path


def test_the_seeded_account(learner: SignedIn) -> None:
    account = learner.call("GET", learner.account)
    properties = account.json()["properties"]
    assert account.headers["ETag"] == account.json()["etag"]
    assert account.json()["kind"] == "OpenAI"
    assert properties["endpoint"] == f"{learner.cloud['openai']}/"
    assert properties["customSubDomainName"]
    assert "disableLocalAuth" not in properties


def test_accounts_of_a_group(learner: SignedIn) -> None:
    found = learner.call("GET", f"{learner.group}/providers/{ACCOUNTS}").json()["value"]
    assert {"OpenAI", "SpeechServices"} <= {each["kind"] for each in found}


def test_the_seeded_deployment(learner: SignedIn) -> None:
    found = learner.call("GET", f"{learner.account}/deployments").json()["value"]
    assert [each["name"] for each in found] == [learner.cloud["deployment_name"]]
    assert found[0]["properties"]["model"]["name"] == "gpt-35-turbo"
    assert found[0]["properties"]["capabilities"]["chatCompletion"] == "true"


def test_deployments_come_and_go(learner: SignedIn, account: str) -> None:
    path = f"{account}/deployments/chat"
    body = {
        "sku": {"name": "Standard", "capacity": 2},
        "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}},
    }
    assert learner.call("GET", f"{account}/deployments").json() == {"value": []}
    assert code_of(learner.call("GET", path)) == (404, "NotFound")
    assert [learner.call("PUT", path, body).status_code for _ in range(2)] == [201, 200]
    assert learner.call("GET", path).json()["properties"]["rateLimits"][1]["count"] == 2000
    assert [learner.call("DELETE", path).status_code for _ in range(2)] == [200, 204]


def test_keys_are_regenerated_one_by_one(learner: SignedIn, account: str) -> None:
    before = learner.call("POST", f"{account}/listKeys").json()
    assert set(before) == {"key1", "key2"}
    after = learner.call("POST", f"{account}/regenerateKey", {"keyName": "Key1"}).json()
    assert after["key1"] != before["key1"]
    assert after["key2"] == before["key2"]
    assert learner.call("POST", f"{account}/listKeys").json() == after
    assert learner.call("POST", f"{account}/regenerateKey", {"keyName": "Key3"}).status_code == 400


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_key_sign_in_is_turned_off_and_on(learner: SignedIn, account: str, method: str) -> None:
    whole = learner.call("GET", account).json()

    def change(*, off: bool) -> httpx.Response:
        if method == "PATCH":
            return learner.call("PATCH", account, {"properties": {"disableLocalAuth": off}})
        properties = {**whole["properties"], "disableLocalAuth": off}
        return learner.call("PUT", account, {**whole, "properties": properties})

    answer = change(off=True)
    assert answer.status_code == 200
    assert answer.json()["properties"]["disableLocalAuth"] is True
    assert answer.json()["etag"] != whole["etag"]
    assert learner.call("POST", f"{account}/listKeys").status_code == 400
    change(off=False)
    assert "disableLocalAuth" not in learner.call("GET", account).json()["properties"]
    assert learner.call("POST", f"{account}/listKeys").is_success


def test_without_a_subdomain_the_endpoint_is_the_regions(learner: SignedIn, fresh_name: str) -> None:
    path = f"{learner.group}/providers/{ACCOUNTS}/{fresh_name}"
    body = {"location": "JAPANEAST", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
    properties = learner.call("PUT", path, body).json()["properties"]
    assert "japaneast" in properties["endpoint"]
    assert "customSubDomainName" not in properties


def test_a_deployment_without_its_account(learner: SignedIn, fresh_name: str) -> None:
    path = f"{learner.group}/providers/{ACCOUNTS}/{fresh_name}/deployments"
    assert code_of(learner.call("GET", path)) == (404, "ParentResourceNotFound")
