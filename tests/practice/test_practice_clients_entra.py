"""Entra ID's refusals and keys, by unchanged clients: azure-identity, and the PyJWT that MSAL uses.

What these tests reached is read from the practice cloud's own request log: see `claims` in conftest.py.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential, ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient
from clients import RecordProperty, driven, package

from workshop_tui.practice.signing import SigningKey

if TYPE_CHECKING:
    import ssl

    from practice_world import Issuer, SignedIn

    from workshop_tui.practice.client import Endpoints


def test_tokens_are_checked_against_the_published_keys(
    cloud: Endpoints, tls: ssl.SSLContext, record_property: RecordProperty
) -> None:
    driven(record_property, package("azure-identity"), "ClientSecretCredential")
    with ClientSecretCredential(
        cloud["tenant_id"],
        cloud["sign_in"]["client_id"],
        cloud["sign_in"]["client_secret"],
        authority=cloud["entra"],
        disable_instance_discovery=True,
        connection_verify=str(cloud.ca_file),
    ) as credential:
        token = credential.get_token(f"{cloud.arm}/.default").token
    keys = jwt.PyJWKClient(f"{cloud['entra']}/{cloud['tenant_id']}/discovery/v2.0/keys", ssl_context=tls)
    claims = jwt.decode(token, keys.get_signing_key_from_jwt(token), ["RS256"], audience=cloud.arm)
    assert claims["oid"] == cloud["sign_in"]["object_id"]
    assertion = Path(cloud["sign_in"]["token_file"]).read_text("utf-8")
    own = jwt.PyJWKClient(f"{cloud['entra']}/developer/keys", ssl_context=tls)
    key = own.get_signing_key_from_jwt(assertion)
    assert jwt.decode(assertion, key, ["RS256"], audience="api://AzureADTokenExchange")["sub"]


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("https://cognitiveservices.azure.com/.default", "InvalidAuthenticationTokenAudience"),
        ("", "InvalidAuthenticationToken"),
    ],
)
def test_tokens_refused_to_the_sdk(
    cloud: Endpoints, learner: SignedIn, scope: str, code: str, record_property: RecordProperty
) -> None:
    driven(record_property, package("azure-mgmt-resource"), "refused tokens")
    token = learner.token(scope.removesuffix("/.default")) if scope else "no.good.token"

    class Fixed:
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            return AccessToken(token, 2**31)

    options: dict[str, Any] = {"base_url": cloud.arm, "connection_verify": str(cloud.ca_file)}
    with (
        ResourceManagementClient(Fixed(), cloud["subscription_id"], **options) as refusing,
        pytest.raises(ClientAuthenticationError, match=code),
    ):
        list(refusing.resource_groups.list())


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that Entra ID refuses: what differs from a good one, and the code."""

    code: int
    client: str = "identity"
    tenant: str = ""
    scope: str = "https://cognitiveservices.azure.com/.default"
    subject: str = "somebody"
    claims: tuple[tuple[str, Any], ...] = ()
    raw: str = ""
    forged: bool = False
    secret: str = ""


SIGN_INS = (
    SignIn(700213, subject="nobody"),
    SignIn(7002138, subject="Somebody"),
    SignIn(700212, claims=(("aud", "api://other"),)),
    SignIn(700024, claims=(("exp", 1), ("nbf", 0), ("iat", 0))),
    SignIn(70023, claims=(("exp", int(time.time()) + 200_000),)),
    SignIn(50027, raw="nonsense"),
    SignIn(50013, forged=True),
    SignIn(1002012, scope="https://cognitiveservices.azure.com/user_impersonation"),
    SignIn(700016, client=str(uuid.uuid4())),
    SignIn(90002, tenant=str(uuid.uuid4())),
    SignIn(500011, scope="https://nowhere.example/.default"),
    SignIn(7000215, client="developer", secret="wrong"),
)


@pytest.mark.parametrize("case", SIGN_INS, ids=lambda case: f"AADSTS{case.code}")
def test_refused_to_azure_identity(
    cloud: Endpoints,
    learner: SignedIn,
    issuer: Issuer,
    fresh_name: str,
    case: SignIn,
    *,
    tmp_path: Path,
    record_property: RecordProperty,
) -> None:
    driven(record_property, package("azure-identity"), "refusals")
    made = learner.make_identity(fresh_name)
    learner.trust(fresh_name, issuer.url, "somebody")
    clients = {"identity": made["clientId"], "developer": cloud["sign_in"]["client_id"]}
    shared = {
        "tenant_id": case.tenant or cloud["tenant_id"],
        "client_id": clients.get(case.client, case.client),
        "authority": cloud["entra"],
        "disable_instance_discovery": True,
        "connection_verify": str(cloud.ca_file),
    }
    key = SigningKey.load(tmp_path, "stranger") if case.forged else None
    assertion = case.raw or issuer.assertion(case.subject, dict(case.claims), key=key)
    credential: Any = (
        ClientSecretCredential(client_secret=case.secret, **shared)
        if case.secret
        else ClientAssertionCredential(func=lambda: assertion, **shared)
    )
    with (
        credential,
        pytest.raises(
            (ClientAuthenticationError, ValueError), match=f"AADSTS{case.code}:|{case.tenant or '-'}"
        ),
    ):
        credential.get_token(case.scope)
