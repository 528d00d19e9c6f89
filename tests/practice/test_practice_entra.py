"""Entra ID: sign-in by secret and by assertion, through unchanged clients; each refusal with its code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, WorkloadIdentityCredential
from azure.identity.aio import WorkloadIdentityCredential as AsyncWorkloadIdentityCredential
from practice_world import ASSERTION_TYPE, AUDIENCE, Issuer, SignedIn

from workshop_tui.practice.signing import SigningKey, read_unverified, verify

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from workshop_tui.practice.client import Endpoints

COGNITIVE = "https://cognitiveservices.azure.com/.default"
SUBJECT = "system:serviceaccount:default:ai-service-account"


def exchange(learner: SignedIn, client_id: str, assertion: str, scope: str = COGNITIVE) -> httpx.Response:
    return learner.token_answer(
        client_id=client_id,
        client_assertion=assertion,
        client_assertion_type=ASSERTION_TYPE,
        scope=scope,
    )


def code_of(answer: httpx.Response) -> tuple[int, str, int]:
    body = answer.json()
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
    return answer.status_code, body["error"], body["error_codes"][0]


class TestDeveloperSignIn:
    def test_by_the_token_file(self, cloud: Endpoints) -> None:
        sign_in = cloud["sign_in"]
        with WorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=sign_in["client_id"],
            token_file_path=sign_in["token_file"],
            authority=cloud["entra"],
            connection_verify=str(cloud.ca_file),
        ) as credential:
            token = credential.get_token(COGNITIVE)
        _, claims = read_unverified(token.token)
        assert claims["aud"] == "https://cognitiveservices.azure.com"
        assert (claims["oid"], claims["appid"]) == (sign_in["object_id"], sign_in["client_id"])
        assert (claims["tid"], claims["idtyp"]) == (cloud["tenant_id"], "app")
        assert claims["exp"] - claims["iat"] == 3600

    async def test_by_the_token_file_asynchronously(self, cloud: Endpoints) -> None:
        sign_in = cloud["sign_in"]
        async with AsyncWorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=sign_in["client_id"],
            token_file_path=sign_in["token_file"],
            authority=cloud["entra"],
            connection_verify=str(cloud.ca_file),
        ) as credential:
            token = await credential.get_token(f"{cloud.arm}/.default")
        assert read_unverified(token.token)[1]["aud"] == cloud.arm

    def test_by_secret_with_msal(self, cloud: Endpoints) -> None:
        sign_in = cloud["sign_in"]
        with ClientSecretCredential(
            cloud["tenant_id"],
            sign_in["client_id"],
            sign_in["client_secret"],
            authority=cloud["entra"],
            disable_instance_discovery=True,
            connection_verify=str(cloud.ca_file),
        ) as credential:
            assert credential.get_token(f"{cloud['graph']}//.default").token

    def test_tokens_verify_against_the_published_keys(
        self, cloud: Endpoints, learner: SignedIn, http: httpx.Client
    ) -> None:
        discovery = f"{cloud['entra']}/{cloud['tenant_id']}/v2.0/.well-known/openid-configuration"
        keys = http.get(http.get(discovery).json()["jwks_uri"]).json()["keys"]
        assert verify(learner.token(), keys)["appid"] == cloud["sign_in"]["client_id"]


class TestRefusals:
    def test_wrong_secret(self, learner: SignedIn) -> None:
        assert code_of(learner.token_answer(client_secret="wrong")) == (401, "invalid_client", 7000215)

    def test_unknown_client(self, learner: SignedIn) -> None:
        answer = learner.token_answer(client_id="${USER_ASSIGNED_CLIENT_ID}")
        assert code_of(answer) == (400, "unauthorized_client", 700016)
        assert "'${USER_ASSIGNED_CLIENT_ID}' was not found" in answer.json()["error_description"]

    def test_unknown_tenant(self, learner: SignedIn) -> None:
        assert code_of(learner.token_answer(tenant="nowhere")) == (400, "invalid_request", 90002)

    def test_unknown_tenant_in_discovery(self, cloud: Endpoints, http: httpx.Client) -> None:
        answer = http.get(f"{cloud['entra']}/nowhere/v2.0/.well-known/openid-configuration")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_tenant")

    @pytest.mark.parametrize(
        "scope", ["https://cognitiveservices.azure.com", "openid", "a/.default b/.default"]
    )
    def test_scope_of_no_single_resource(self, learner: SignedIn, scope: str) -> None:
        assert code_of(learner.token_answer(scope=scope)) == (400, "invalid_scope", 1002012)

    def test_unknown_resource(self, learner: SignedIn) -> None:
        answer = learner.token_answer(scope="https://vault.azure.net/.default")
        assert code_of(answer) == (400, "invalid_resource", 500011)

    def test_grant_of_another_type(self, learner: SignedIn) -> None:
        assert code_of(learner.token_answer(grant_type="password"))[1] == "unsupported_grant_type"

    def test_no_proof(self, learner: SignedIn) -> None:
        assert code_of(learner.token_answer(client_secret="")) == (401, "invalid_client", 7000218)

    def test_the_body_has_all_of_azures_keys(self, learner: SignedIn) -> None:
        body = learner.token_answer(client_secret="wrong").json()
        assert set(body) == {
            "error",
            "error_description",
            "error_codes",
            "timestamp",
            "trace_id",
            "correlation_id",
            "error_uri",
        }
        for part in (body["trace_id"], body["correlation_id"], body["timestamp"]):
            assert part in body["error_description"]


class TestFederation:
    """What a pod does: a managed identity, a federated credential, a token of the cluster's issuer."""

    def test_a_trusted_assertion_is_exchanged(
        self, cloud: Endpoints, learner: SignedIn, issuer: Issuer, fresh_name: str, tmp_path: Path
    ) -> None:
        identity = learner.make_identity(fresh_name)
        learner.trust(fresh_name, issuer.url, SUBJECT)
        token_file = tmp_path / "azure-identity-token"
        token_file.write_text(issuer.assertion(SUBJECT) + "\n")
        with WorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=identity["clientId"],
            token_file_path=str(token_file),
            authority=f"{cloud['entra']}/",
            connection_verify=str(cloud.ca_file),
        ) as credential:
            token = credential.get_token(COGNITIVE)
        assert read_unverified(token.token)[1]["oid"] == identity["principalId"]
        assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]

    def test_no_credential_at_all(self, learner: SignedIn, issuer: Issuer, fresh_name: str) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT))
        assert code_of(answer) == (401, "invalid_client", 70025)
        assert f"'{client_id}'({fresh_name})" in answer.json()["error_description"]

    @pytest.mark.parametrize(
        ("claims", "code"),
        [
            ({"sub": "system:serviceaccount:pets:ai-service-account"}, 700213),
            ({"sub": "system:serviceaccount:default:AI-service-account"}, 7002138),
            ({"aud": "api://azureadtokenexchange"}, 700212),
        ],
    )
    def test_each_value_counts_to_the_letter(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str, claims: dict[str, Any], code: int
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url, SUBJECT)
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT, claims))
        assert code_of(answer) == (401, "invalid_client", code)

    def test_the_issuers_trailing_slash_counts(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url.rstrip("/"), SUBJECT)
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT))
        assert code_of(answer) == (401, "invalid_client", 700211)
        assert f"issuer '{issuer.url}'" in answer.json()["error_description"]

    def test_a_key_the_issuer_does_not_publish(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str, tmp_path: Path
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url, SUBJECT)
        stranger = SigningKey.load(tmp_path, "stranger")
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT, key=stranger))
        assert code_of(answer) == (401, "invalid_client", 50013)
        assert issuer.asked.count("/keys") == 2, "an unknown key is looked up once more"

    def test_a_forged_signature(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str, tmp_path: Path
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url, SUBJECT)
        stranger = SigningKey.load(tmp_path, "stranger")
        forger = SigningKey(stranger.key, issuer.key.key_id)
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT, key=forger))
        assert code_of(answer) == (401, "invalid_client", 50013)

    def test_a_rotated_key_is_found(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str, tmp_path: Path
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url, SUBJECT)
        assert exchange(learner, client_id, issuer.assertion(SUBJECT)).is_success
        successor = SigningKey.load(tmp_path, "successor")
        issuer.document["/keys"] = {"keys": [successor.published()]}
        assert exchange(learner, client_id, issuer.assertion(SUBJECT, key=successor)).is_success

    @pytest.mark.parametrize(
        ("claims", "code"),
        [
            ({"exp": time.time() - 600, "nbf": time.time() - 4200}, 700024),
            ({"exp": time.time() + 7200, "nbf": time.time() + 3600}, 700024),
            ({"exp": time.time() + 3600 * 24 * 365}, 70023),
        ],
    )
    def test_the_lifetime_counts(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str, claims: dict[str, Any], code: int
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url, SUBJECT)
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT, claims))
        assert code_of(answer) == (401, "invalid_client", code)

    @pytest.mark.parametrize("issuer_url", ["https://localhost:9/", "https://oidc.example.com/guid/"])
    def test_an_issuer_out_of_reach(
        self, learner: SignedIn, issuer: Issuer, fresh_name: str, issuer_url: str
    ) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer_url, SUBJECT)
        answer = exchange(learner, client_id, issuer.assertion(SUBJECT, {"iss": issuer_url}))
        assert code_of(answer) == (400, "invalid_request", 90061)

    def test_no_token_at_all(self, learner: SignedIn, fresh_name: str) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        assert code_of(exchange(learner, client_id, "nonsense")) == (400, "invalid_request", 50027)

    def test_an_unsigned_token(self, learner: SignedIn, issuer: Issuer, fresh_name: str) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        learner.trust(fresh_name, issuer.url, SUBJECT)
        payload = issuer.assertion(SUBJECT).split(".")[1]
        answer = exchange(learner, client_id, f"eyJhbGciOiJub25lIn0.{payload}.")
        assert code_of(answer) == (401, "invalid_client", 50013)

    def test_a_new_credential_travels_first(
        self, cloud: Endpoints, learner: SignedIn, issuer: Issuer, fresh_name: str, tmp_path: Path
    ) -> None:
        identity = learner.make_identity(fresh_name)
        path = f"{learner.identity_path(fresh_name)}/federatedIdentityCredentials/new"
        properties = {"issuer": issuer.url, "subject": SUBJECT, "audiences": [AUDIENCE]}
        learner.call("PUT", path, {"properties": properties}).raise_for_status()
        token_file = tmp_path / "token"
        token_file.write_text(issuer.assertion(SUBJECT))
        with WorkloadIdentityCredential(
            tenant_id=cloud["tenant_id"],
            client_id=identity["clientId"],
            token_file_path=str(token_file),
            authority=cloud["entra"],
            connection_verify=str(cloud.ca_file),
        ) as credential:
            with pytest.raises(ClientAuthenticationError, match="AADSTS70021: No matching"):
                credential.get_token(COGNITIVE)
            time.sleep(cloud["credential_seconds"] / cloud["time_scale"])
            assert credential.get_token(COGNITIVE).token
