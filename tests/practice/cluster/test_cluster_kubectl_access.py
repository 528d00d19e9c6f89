"""Who one is, what one may do, and tokens: kubectl auth and kubectl create token."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from cluster_world import World
    from kubectl_programs import Kubectl

AUDIENCE = "api://AzureADTokenExchange"


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def test_an_administrator_may_do_everything(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "create", "deployments") == "yes\n"
    assert kubectl("auth", "can-i", "*", "*") == "yes\n"
    assert kubectl("auth", "can-i", "get", "pods", "--subresource=log") == "yes\n"
    rows = [row.split() for row in kubectl("auth", "can-i", "--list").splitlines()]
    assert ["*.*", "[]", "[]", "[*]"] in rows
    assert ["selfsubjectreviews.authentication.k8s.io", "[]", "[]", "[create]"] in rows
    assert ["[/healthz]", "[]", "[get]"] in rows
    assert "the server doesn't have a resource type 'foos'" in kubectl("auth", "can-i", "get", "foos")


def test_whoami(kubectl: Kubectl) -> None:
    rows = dict(row.split(None, 1) for row in kubectl("auth", "whoami").splitlines())
    assert rows["Username"].strip() == "masterclient"
    assert rows["Groups"].strip() == "[system:masters system:authenticated]"
    as_bob = json.loads(kubectl("auth", "whoami", "-o", "json", "--as", "bob"))
    assert as_bob["status"]["userInfo"] == {"username": "bob", "groups": ["system:authenticated"]}


def test_as_somebody_else(kubectl: Kubectl) -> None:
    account = "system:serviceaccount:default:default"
    assert kubectl("auth", "can-i", "get", "pods", "--as", account, fails=True) == "no\n"
    assert kubectl("auth", "can-i", "get", "/healthz", "--as", account) == "yes\n"
    refused = kubectl("get", "pods", "--as", account, fails=True)
    assert refused == (
        f'Error from server (Forbidden): pods is forbidden: User "{account}" cannot list resource "pods" '
        'in API group "" in the namespace "default"\n'
    )
    assert "pod/" in kubectl("get", "pods", "-o", "name", "--as", "bob", "--as-group", "system:masters")


def test_a_service_account_signed_in_by_its_token(kubectl: Kubectl, world: World, tmp_path: Path) -> None:
    config = yaml.safe_load(world.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": kubectl("create", "token", "default").strip()}
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    own = ("--kubeconfig", str(file))
    told = kubectl(*own, "auth", "whoami")
    assert "system:serviceaccount:default:default" in told
    assert "authentication.kubernetes.io/credential-id" in told
    rights = kubectl(*own, "auth", "can-i", "--list")
    assert "*.*" not in rights
    assert "[/openid/v1/jwks]" in rights
    assert 'cannot impersonate resource "users"' in kubectl(*own, "get", "ns", "--as", "bob", fails=True)


def test_tokens(kubectl: Kubectl, namespace: str) -> None:
    create = ("-n", namespace, "create", "token", "default")
    plain = claims_of(kubectl(*create))
    assert plain["sub"] == f"system:serviceaccount:{namespace}:default"
    assert plain["exp"] - plain["iat"] == 3600
    asked = claims_of(kubectl(*create, "--audience", AUDIENCE, "--duration", "10m"))
    assert (asked["aud"], asked["exp"] - asked["iat"]) == ([AUDIENCE], 600)
    refused = kubectl(*create, "--duration", "1m", fails=True)
    assert refused == (
        'error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: '
        "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes\n"
    )
    shortened = kubectl(*create, "--duration", "100h")
    assert "Warning: requested expiration of 360000 seconds shortened to 86400 seconds" in shortened
    missing = kubectl("-n", namespace, "create", "token", "nope", fails=True)
    assert missing == 'error: failed to create token: serviceaccounts "nope" not found\n'


def test_a_bound_token_dies_with_what_it_is_bound_to(
    kubectl: Kubectl, namespace: str, api: httpx.Client
) -> None:
    n = ("-n", namespace)
    kubectl(*n, "create", "secret", "generic", "lease", "--from-literal=a=b")
    bound = ("--bound-object-kind", "Secret", "--bound-object-name")
    token = kubectl(*n, "create", "token", "default", *bound, "lease").strip()
    assert claims_of(token)["kubernetes.io"]["secret"]["name"] == "lease"
    signed_in = {"Authorization": f"Bearer {token}"}
    assert api.get("/version", headers=signed_in).status_code == 200
    wrong = kubectl(*n, "create", "token", "default", *bound, "lease", "--bound-object-uid", "x", fails=True)
    assert "the UID in the bound object reference (x) does not match the UID in record" in wrong
    kubectl(*n, "delete", "secret", "lease")
    assert api.get("/version", headers=signed_in).status_code == 401
    assert 'secrets "lease" not found' in kubectl(
        *n, "create", "token", "default", *bound, "lease", fails=True
    )
