"""The whole chain of trust in one practice cloud: the cluster's issuer, a federated credential, a token."""

from __future__ import annotations

import base64
import ssl
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from practice_world import ASSERTION_TYPE, AUDIENCE, OPENAI_USER, SignedIn

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def own(tmp_path: Path) -> Iterator[SignedIn]:
    """A practice cloud of the test's own, with the issuer still off."""
    try:
        cloud = client.start(tmp_path, time_scale=50)
        context = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=context, trust_env=False) as http:
            yield SignedIn(cloud, http)
    finally:
        client.stop(tmp_path)


def service_account_token(own: SignedIn) -> str:
    """Ask the cluster for a token of the default service account, as the kubelet does for a pod."""
    answer = own.call("POST", f"{own.cluster}/listClusterUserCredential").json()
    kubeconfig = yaml.safe_load(base64.b64decode(answer["kubeconfigs"][0]["value"]))
    headers = {"Authorization": f"Bearer {kubeconfig['users'][0]['user']['token']}"}
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"audiences": [AUDIENCE], "expirationSeconds": 3600},
    }
    server = kubeconfig["clusters"][0]["cluster"]["server"]
    url = f"{server}/api/v1/namespaces/default/serviceaccounts/default/token"
    return str(own.http.post(url, json=request, headers=headers).raise_for_status().json()["status"]["token"])


def exchange(own: SignedIn, client_id: str, assertion: str) -> httpx.Response:
    return own.token_answer(
        client_id=client_id,
        client_assertion=assertion,
        client_assertion_type=ASSERTION_TYPE,
        scope="https://cognitiveservices.azure.com/.default",
    )


def test_from_the_clusters_issuer_to_a_description(own: SignedIn) -> None:
    identity = own.make_identity("myIdentity")
    assignment = own.assign(own.account, identity["principalId"], OPENAI_USER)
    assert assignment.status_code == 201

    cluster: dict[str, Any] = own.call("GET", own.cluster).json()
    cluster["properties"]["oidcIssuerProfile"] = {"enabled": True}
    updated = own.call("PUT", own.cluster, cluster).raise_for_status().json()
    issuer = updated["properties"]["oidcIssuerProfile"]["issuerURL"]
    own.trust("myIdentity", issuer, "system:serviceaccount:default:default")
    while own.call("GET", own.cluster).json()["properties"]["provisioningState"] != "Succeeded":
        time.sleep(0.02)

    answer = exchange(own, identity["clientId"], service_account_token(own))
    token = answer.raise_for_status().json()["access_token"]
    url = f"{own.cloud['openai']}/openai/deployments/gpt-35-turbo/chat/completions?api-version=2024-06-01"
    body = {"messages": [{"role": "user", "content": "name: Ball\ntags: dog"}]}
    said = own.http.post(url, json=body, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    assert said.json()["choices"][0]["message"]["content"].startswith("Ball: ")


def test_a_token_from_before_the_issuer_was_on_matches_nothing(own: SignedIn) -> None:
    identity = own.make_identity("myIdentity")
    own.trust("myIdentity", f"{own.cloud['issuer']}/guid/", "system:serviceaccount:default:default")
    answer = exchange(own, identity["clientId"], service_account_token(own))
    assert answer.json()["error_codes"] == [700211]
    assert "'https://kubernetes.default.svc.cluster.local'" in answer.json()["error_description"]
