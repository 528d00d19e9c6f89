"""No token, no service; and a token is good for the service it was made for, from the tenant that made it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from routes_in_code import routes_in_code
from security_world import address_of

from workshop_tui.practice.cluster.resources import GROUPS, RESOURCES
from workshop_tui.practice.signing import SigningKey, read_unverified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx
    from practice_world import SignedIn

    from workshop_tui.practice import client

OPEN = {
    "arm": ("GET /practice/health", "GET /metadata/endpoints"),  # what a cloud says of itself to anybody
    "entra": ("",),  # where tokens come from: it asks for secrets and assertions in the form
    "issuer": ("",),  # published documents
    "kubernetes": ("GET /healthz", "GET /livez", "GET /readyz"),
    "registry": ("",),  # anonymous by nature, as ttl.sh is; on loopback, behind the Host check
    "shop": ("",),  # a shop is open; the store's own pages
}
"""What needs no token: beginnings of routes by service."""
REFUSALS = {
    "arm": ("error", "code", "AuthenticationFailed"),
    "graph": ("error", "code", "InvalidAuthenticationToken"),
    "openai": ("error", "code", "401"),
    "kubernetes": ("reason", "Unauthorized"),
}
METHODS = {
    "get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT", "patch": "PATCH",
    "delete": "DELETE", "deletecollection": "DELETE",
}  # fmt: skip


def is_open(route: str) -> bool:
    service, _, rest = route.partition(" ")
    return any(rest.startswith(each) for each in OPEN.get(service, ()))


def request_of(route: str, cloud: client.Endpoints) -> tuple[str, str]:
    """Return method and URL of a request that takes this route."""
    service, method, template = route.split(" ", 2)
    if service == "kubernetes" and method.islower():
        return METHODS[method], address_of(cloud, service) + _object_path(method, template)
    subscription = f"/subscriptions/{cloud['subscription_id']}"
    group = f"{subscription}/resourceGroups/{cloud['resource_group']}"
    path = template.replace("…", group).replace("/subscriptions/{}", subscription)
    path = path.replace("/apis/{}", f"/apis/{next(filter(None, GROUPS))}").replace("{}", "anything")
    return method, f"{address_of(cloud, service)}{path}?api-version=2023-01-31"


def _object_path(verb: str, name: str) -> str:
    plural, _, part = name.partition("/")
    resource = next(each for each in RESOURCES if each.name == plural)
    start = f"/apis/{resource.group}/{resource.version}" if resource.group else "/api/v1"
    start += "/namespaces/default" if resource.namespaced else ""
    of_one = part or verb in {"get", "update", "patch", "delete"}
    return f"{start}/{plural}" + ("/anything" if of_one else "") + (f"/{part}" if part else "")


def told_in(answer: httpx.Response, *keys: str) -> object:
    found: Any = answer.json()
    for key in keys:
        found = found[key]
    return found


CLOSED = [each for each in routes_in_code() if not is_open(each)]


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer not.a.token"}, {"Authorization": "Basic eDp5"}]
)
def test_no_token_no_service(cloud: client.Endpoints, http: httpx.Client, header: dict[str, str]) -> None:
    assert len(CLOSED) > 150
    let_in = []
    for route in CLOSED:
        method, url = request_of(route, cloud)
        answer = http.request(method, url, headers=header)
        service = route.partition(" ")[0]
        *keys, expected = REFUSALS[service]
        if answer.status_code != 401:
            let_in.append((route, answer.status_code))
        elif method != "HEAD" and not header:
            assert told_in(answer, *keys) == expected, route
    assert let_in == []


def test_what_is_open_is_what_the_table_says(cloud: client.Endpoints, http: httpx.Client) -> None:
    asked = [each for each in routes_in_code() if is_open(each)]
    assert len(asked) > 20
    for route in asked:
        method, url = request_of(route, cloud)
        answer = http.request(method, url, headers={"Content-Type": "application/json"})
        closed = answer.status_code in {401, 403}
        says_who_may = "token" in route or "_catalog" in route  # asks for proof in the form; lists nothing
        assert not closed or says_who_may, (route, answer.text)


# tokens


@pytest.fixture(scope="session")
def kubernetes_token(learner: SignedIn) -> str:
    answer = learner.call("POST", f"{learner.cluster}/listClusterUserCredential")
    kubeconfig = yaml.safe_load(base64.b64decode(answer.json()["kubeconfigs"][0]["value"]))
    return str(kubeconfig["users"][0]["user"]["token"])


@pytest.fixture(scope="session")
def account_token(cloud: client.Endpoints, http: httpx.Client, kubernetes_token: str) -> Callable[..., str]:
    """Returns ServiceAccount tokens for an audience (none: the API server's own)."""

    def make(*audiences: str) -> str:
        answer = http.post(
            f"{cloud['kubernetes']}/api/v1/namespaces/default/serviceaccounts/default/token",
            json={"spec": {"audiences": list(audiences)}},
            headers={"Authorization": f"Bearer {kubernetes_token}"},
        )
        return str(answer.raise_for_status().json()["status"]["token"])

    return make


def statuses(cloud: client.Endpoints, http: httpx.Client, token: str) -> dict[str, int]:
    """Return what each service answers to a token, on a route that asks for nothing but that."""
    chat = f"{cloud['openai']}/openai/deployments/{cloud['deployment_name']}/chat/completions"
    questions = {
        "arm": ("GET", f"{cloud.arm}/subscriptions?api-version=2022-12-01"),
        "audit": ("GET", f"{cloud.arm}/practice/audit?after=999999999"),
        "graph": ("GET", f"{cloud['graph']}/v1.0/users"),
        "kubernetes": ("GET", f"{cloud['kubernetes']}/api/v1/namespaces"),
        "openai": ("POST", f"{chat}?api-version=2024-06-01"),
    }
    headers = {"Authorization": f"Bearer {token}"}
    body = {"messages": [{"role": "user", "content": "hello"}]}
    return {
        name: http.request(method, url, headers=headers, json=body if method == "POST" else None).status_code
        for name, (method, url) in questions.items()
    }


NOWHERE = {"arm": 401, "audit": 401, "graph": 401, "kubernetes": 401, "openai": 401}


def test_a_token_is_for_one_service(
    cloud: client.Endpoints,
    http: httpx.Client,
    learner: SignedIn,
    kubernetes_token: str,
    account_token: Callable[..., str],
) -> None:
    lacks_the_role = "a 401, too, in words of its own"
    assert statuses(cloud, http, learner.token()) == {**NOWHERE, "arm": 200, "audit": 200}
    assert statuses(cloud, http, learner.token(cloud["graph"])) == {**NOWHERE, "graph": 200}
    assert statuses(cloud, http, learner.token("https://cognitiveservices.azure.com")) == NOWHERE, (
        lacks_the_role
    )
    assert statuses(cloud, http, kubernetes_token) == {**NOWHERE, "kubernetes": 200}
    assert statuses(cloud, http, account_token()) == {**NOWHERE, "kubernetes": 403}, "known, without a right"
    assert statuses(cloud, http, account_token("api://AzureADTokenExchange")) == NOWHERE
    assert (
        statuses(cloud, http, (cloud.ca_file.parent / "sign-in" / "developer-token").read_text()) == NOWHERE
    )


def part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def forgeries(cloud: client.Endpoints, token: str, key: SigningKey, stranger: SigningKey) -> dict[str, str]:
    """Return tokens made of a good one and, for what only the issuer can do, of its own key."""
    head, body, signature = token.split(".")
    header, claims = read_unverified(token)
    now = int(time.time())
    n = key.published()["n"]
    by_secret = {"alg": "HS256", "kid": header["kid"]}
    signed = f"{part(by_secret)}.{body}"
    code = hmac.new(str(n).encode(), signed.encode(), hashlib.sha256).digest()
    other_tenant = "11111111-2222-3333-4444-555555555555"
    as_known = SigningKey(stranger.key, key.key_id)
    first = "A" if signature[0] != "A" else "B"
    return {
        "another signature": f"{head}.{body}.{first}{signature[1:]}",
        "no signature": f"{head}.{body}.",
        "other claims": f"{head}.{part({**claims, 'oid': other_tenant})}.{signature}",
        "alg none": f"{part({**header, 'alg': 'none'})}.{body}.",
        "alg None with signature": f"{part({**header, 'alg': 'None'})}.{body}.{signature}",
        "the public key as a secret": f"{signed}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}",
        "a key of the caller's own": stranger.sign(claims),
        "a key of the caller's own, called as ours": as_known.sign(claims),
        "a key the token brings": f"{part({**header, 'jwk': stranger.published()})}.{body}.{signature}x",
        "another issuer": key.sign({**claims, "iss": f"{cloud['entra']}/{other_tenant}/"}),
        "another audience": key.sign({**claims, "aud": "https://vault.azure.net"}),
        "a list of audiences": key.sign(
            {**claims, "aud": [claims["aud"]] if isinstance(claims["aud"], str) else []}
        ),
        "expired": key.sign({**claims, "exp": now - 1}),
        "not yet good": key.sign({**claims, "nbf": now + 3600, "iat": now + 3600, "exp": now + 7200}),
        "no expiry": key.sign({name: each for name, each in claims.items() if name != "exp"}),
        "no subject": key.sign({name: each for name, each in claims.items() if name not in {"oid", "sub"}}),
    }


def test_forged_and_stale_access_tokens(
    cloud: client.Endpoints, http: httpx.Client, learner: SignedIn, tmp_path: Path
) -> None:
    key = SigningKey.load(cloud.ca_file.parent / "keys", "entra")
    made = forgeries(cloud, learner.token(), key, SigningKey.load(tmp_path, "stranger"))
    assert {
        name: each for name, token in made.items() if (each := statuses(cloud, http, token)) != NOWHERE
    } == {}


def test_forged_and_stale_service_account_tokens(
    cloud: client.Endpoints, http: httpx.Client, account_token: Callable[..., str], tmp_path: Path
) -> None:
    token = account_token()
    loaded = SigningKey.load(cloud.ca_file.parent / "keys", "cluster")
    key = SigningKey(loaded.key, str(read_unverified(token)[0]["kid"]))
    made = forgeries(cloud, token, key, SigningKey.load(tmp_path, "stranger"))
    assert {
        name: each for name, token in made.items() if (each := statuses(cloud, http, token)) != NOWHERE
    } == {}
