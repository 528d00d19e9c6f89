"""ServiceAccount tokens as kubectl, a running pod and Entra ID see them."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

import pytest
from aks_world import deployment, enable_workload_identity, pod, running_aks
from practice_world import ASSERTION_TYPE, AUDIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aks_world import Aks

FILE = "/var/run/secrets/own/token"
VOLUME = {
    "name": "own",
    "projected": {
        "sources": [
            {"serviceAccountToken": {"path": "token", "audience": AUDIENCE, "expirationSeconds": 3600}}
        ]
    },
}
MOUNT = {"name": "own", "mountPath": "/var/run/secrets/own", "readOnly": True}
IMAGE = "ghcr.io/azure-samples/aks-store-demo/product-service:latest"


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


@pytest.fixture
def account(aks: Aks) -> Iterator[str]:
    aks.kubectl("create", "serviceaccount", "caller")
    yield "caller"
    aks.kubectl("delete", "serviceaccount", "caller", "--ignore-not-found")


def test_a_token_lives_as_long_as_it_may(aks: Aks, account: str) -> None:
    token = aks.kubectl("create", "token", account, "--audience", AUDIENCE).strip()
    claims = claims_of(token)
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["aud"] == [AUDIENCE]
    assert claims["sub"] == f"system:serviceaccount:default:{account}"
    told = aks.kubectl("create", "token", account, "--duration", "5m", fails=True)
    assert (
        "spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes" in told
    )
    told = aks.kubectl("create", "token", account, "--duration", "48h")
    assert "Warning: requested expiration of 172800 seconds shortened to 86400 seconds" in told
    claims = claims_of(next(line for line in told.splitlines() if line.startswith("ey")))
    assert claims["exp"] - claims["iat"] == 86400


def test_a_token_ends_with_what_it_is_bound_to(aks: Aks, account: str) -> None:
    aks.apply(pod("bound", IMAGE, spec={"serviceAccountName": account}))
    aks.await_ready("pod/bound")
    bound = ("--bound-object-kind", "Pod", "--bound-object-name", "bound")
    of_pod = aks.kubectl("create", "token", account, *bound).strip()
    of_account = aks.kubectl("create", "token", account).strip()
    for token in (of_pod, of_account):
        assert f"system:serviceaccount:default:{account}" in whoami(aks, token)
    aks.kubectl("delete", "pod", "bound")
    assert "Unauthorized" in whoami(aks, of_pod, fails=True)
    whoami(aks, of_account)
    aks.kubectl("delete", "serviceaccount", account)
    assert "Unauthorized" in whoami(aks, of_account, fails=True)


def whoami(aks: Aks, token: str, *, fails: bool = False) -> str:
    """Ask who a token is, without the kubeconfig's own sign-in."""
    (context,) = json.loads(aks.kubectl("config", "view", "--raw", "-o", "json"))["clusters"]
    server = context["cluster"]["server"]
    trust = ("--certificate-authority", str(aks.learner.cloud.ca_file))
    return aks.kubectl(
        "auth", "whoami", "--server", server, *trust, "--token", token, "--user", "", fails=fails
    )


def test_pods_keep_the_old_issuers_token_until_they_are_restarted(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Turning the issuer on changes `iss`; Entra ID does not know the old one (facts/azure.md)."""
    with running_aks(tmp_path_factory.mktemp("issuer"), time_scale=20) as aks:
        image = aks.push("tokens")
        wanted = deployment("app", image, volumeMounts=[MOUNT], spec={"volumes": [VOLUME]})
        aks.apply(wanted)
        aks.kubectl("rollout", "status", "deployment/app", "--timeout=40s")
        enable_workload_identity(aks)
        learner = aks.learner
        issuer = learner.call("GET", learner.cluster).json()["properties"]["oidcIssuerProfile"]["issuerURL"]
        identity = learner.make_identity("app")
        learner.trust("app", issuer, "system:serviceaccount:default:default")
        old = token_in(aks)
        assert claims_of(old)["iss"] == "https://kubernetes.default.svc.cluster.local"
        refused = sign_in(aks, identity["clientId"], old)
        assert refused["error_description"].startswith("AADSTS700211: ")
        assert "presented assertion issuer 'https://kubernetes.default.svc.cluster.local'" in str(refused)
        aks.kubectl("rollout", "restart", "deployment/app")
        aks.kubectl("rollout", "status", "deployment/app", "--timeout=40s")
        new = token_in(aks)
        assert claims_of(new)["iss"] == issuer
        assert "access_token" in sign_in(aks, identity["clientId"], new)


def token_in(aks: Aks) -> str:
    """Return the token that a program in the pod reads."""
    code = f"print(open({FILE!r}).read(), end='')"
    return aks.kubectl("exec", "deployment/app", "--", "python", "-c", code)


def sign_in(aks: Aks, client_id: str, token: str) -> dict[str, Any]:
    """Exchange the token at Entra ID; a new credential may not be seen at once."""
    end = time.monotonic() + 10
    while True:
        answer = aks.learner.token_answer(
            client_id=client_id,
            client_assertion=token,
            client_assertion_type=ASSERTION_TYPE,
            scope="https://cognitiveservices.azure.com/.default",
        )
        told: dict[str, Any] = answer.json()
        if answer.is_success or claims_of(token)["iss"].endswith("local") or time.monotonic() > end:
            return told
        time.sleep(0.2)
