from __future__ import annotations

import json

import httpx
import pytest

from workshop_tui.cloud.descriptions import public_address, read_answer
from workshop_tui.cloud.roles import moment, reaches
from workshop_tui.cloud.web import USER_AGENT, is_loopback
from workshop_tui.facts.live import of_the_app
from workshop_tui.model import AccountRequest

TOKEN_REFUSED = (
    "DefaultAzureCredential failed to retrieve a token. (invalid_client) AADSTS700213: No matching federated "
    "identity record found for presented assertion subject 'system:serviceaccount:x:y'."
)


@pytest.mark.parametrize(
    ("status", "body", "code", "text"),
    [
        (200, {"description": "A fine rope."}, "", "A fine rope."),
        (200, {"choices": [{"message": {"content": "Hello"}}]}, "", "Hello"),
        (200, {"choices": [{"message": {}}]}, "", "(accepted, with no text)"),
        (200, {"description": ""}, "", ""),
        (401, {"error": {"code": "PermissionDenied", "message": "lacks"}}, "PermissionDenied", "lacks"),
        (401, {"statusCode": 401, "message": "Unauthorized."}, "", "Unauthorized."),
        (
            403,
            {"error": {"code": "AuthenticationTypeDisabled", "message": "off"}},
            "AuthenticationTypeDisabled",
            "off",
        ),
        (400, {"error": TOKEN_REFUSED}, "AADSTS700213", TOKEN_REFUSED),
        (
            503,
            {
                "kind": "Status",
                "reason": "ServiceUnavailable",
                "message": "no endpoints",
                "code": 503,
            },
            "ServiceUnavailable",
            "no endpoints",
        ),
        (500, "Internal Server Error", "", "Internal Server Error"),
    ],
)
def test_answers_are_read_whoever_gave_them(status: int, body: object, code: str, text: str) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = read_answer(httpx.Response(status, text=content), "POST x")
    assert (answer.status, answer.code, answer.text) == (status, code, text)


def test_an_empty_description_is_no_good_answer() -> None:
    assert not read_answer(httpx.Response(200, text='{"description": ""}'), "POST x").good
    assert read_answer(httpx.Response(200, text='{"description": "x"}'), "POST x").good


def test_a_description_is_text_from_outside() -> None:
    body = json.dumps({"description": "\x1b]0;title\x07nice \x1b[31mrope"})
    assert read_answer(httpx.Response(200, text=body), "POST x").text == "nice rope"


@pytest.mark.parametrize(
    ("ingress", "port", "address"),
    [
        ([{"ip": "20.1.2.3"}], 80, "http://20.1.2.3"),
        ([{"hostname": "shop.example"}], 8080, "http://shop.example:8080"),
        ([], 80, ""),
        (None, 80, ""),
    ],
)
def test_a_load_balancer_has_an_address_once_it_is_there(ingress: object, port: int, address: str) -> None:
    service = {"spec": {"ports": [{"port": port}]}, "status": {"loadBalancer": {"ingress": ingress}}}
    assert public_address(service) == address


def request(agent: str, object_id: str = "") -> AccountRequest:
    at = moment("2026-11-24T22:00:00+00:00")
    assert at is not None
    return AccountRequest(at, 200, "token" if object_id else "key", object_id, agent)


def test_the_apps_request_is_told_from_ours() -> None:
    ours, app, other = request(USER_AGENT, "me"), request("OpenAI", "identity"), request("curl")
    assert of_the_app((app, other, ours), "identity") == app
    assert of_the_app((app, other, ours), "") == other
    assert of_the_app((ours,), "identity") is None


@pytest.mark.parametrize(
    ("assigned", "counts"),
    [
        ("/", True),
        ("/providers/Microsoft.Management/managementGroups/m", True),
        ("/subscriptions/s", True),
        ("/subscriptions/S/resourcegroups/G", True),
        ("/subscriptions/s/resourceGroups/g/providers/p/accounts/a", True),
        ("/subscriptions/s/resourceGroups/g/providers/p/accounts/a/deployments/d", False),
        ("/subscriptions/s/resourceGroups/g/providers/p/accounts/another", False),
        ("/subscriptions/s/resourceGroups/g2", False),
    ],
)
def test_an_assignment_reaches_what_is_below_it(assigned: str, counts: bool) -> None:  # noqa: FBT001 - a table
    assert reaches(assigned, "/subscriptions/s/resourceGroups/g/providers/p/accounts/a") is counts


@pytest.mark.parametrize(
    ("text", "known"), [("2026-01-25T10:11:12.1234567Z", True), ("2026-01-25T10:11:12", False), (None, False)]
)
def test_azures_times_are_read(text: str | None, known: bool) -> None:  # noqa: FBT001 - a table
    assert (moment(text) is not None) is known


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("https://localhost:1", True),
        ("http://127.0.0.1:1", True),
        ("https://[::1]:1", True),
        ("https://management.azure.com", False),
    ],
)
def test_proxies_are_not_for_this_machine(url: str, here: bool) -> None:  # noqa: FBT001 - a table
    assert is_loopback(url) is here
