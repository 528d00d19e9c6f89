"""The workshop's own commands, by the real `az` where one is installed (tried with 2.91)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Az = Callable[..., Any]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("az") is None, reason="no az here: its commands are NOT tried"),
]
GROUP, ACCOUNT, CLUSTER = "myResourceGroup", "myOpenAI", "myAKSCluster"
ROLE = "Cognitive Services OpenAI User"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[client.Endpoints]:
    """A practice cloud of these tests' own."""
    folder = tmp_path_factory.mktemp("az")
    try:
        yield client.start(folder, time_scale=10)
    finally:
        client.stop(folder)


@pytest.fixture(scope="module")
def az(own: client.Endpoints) -> Az:
    """Run `az` signed in; return what it prints as JSON, or its error text when it fails."""
    environment = {**os.environ, **client.environment(own.ca_file.parent)}

    def run(*arguments: str, code: int = 0) -> Any:
        command = ["az", *arguments, "--output", "json"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        if code:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    sign_in = own["sign_in"]
    assertion = Path(sign_in["token_file"]).read_text()
    proof = ("--federated-token", assertion, "--tenant", own["tenant_id"])
    (subscription,) = run("login", "--service-principal", "-u", sign_in["client_id"], *proof)
    assert subscription["id"] == own["subscription_id"]
    return run


def test_what_is_there(az: Az, own: client.Endpoints) -> None:
    accounts = az("resource", "list", "-g", GROUP, "--resource-type", "Microsoft.CognitiveServices/accounts")
    assert {each["kind"] for each in accounts} == {"OpenAI", "SpeechServices"}
    shown = az("cognitiveservices", "account", "show", "-g", GROUP, "-n", ACCOUNT)
    assert shown["properties"]["endpoint"] == f"{own['openai']}/"
    (deployment,) = az("cognitiveservices", "account", "deployment", "list", "-g", GROUP, "-n", ACCOUNT)
    assert deployment["name"] == own["deployment_name"]
    assert set(az("cognitiveservices", "account", "keys", "list", "-g", GROUP, "-n", ACCOUNT)) == {
        "key1",
        "key2",
    }
    assert "ResourceNotFound" in az("aks", "show", "-g", GROUP, "-n", "other", code=3)


def test_workload_identity_is_turned_on(az: Az) -> None:
    flags = ("--enable-oidc-issuer", "--enable-workload-identity")
    updated = az("aks", "update", "-g", GROUP, "-n", CLUSTER, *flags)
    assert updated["oidcIssuerProfile"]["issuerUrl"].endswith("/")
    assert updated["securityProfile"]["workloadIdentity"]["enabled"] is True


def test_identity_role_and_federation(az: Az, own: client.Endpoints) -> None:
    made = az("identity", "create", "-g", GROUP, "-n", "myIdentity")
    scope = az("cognitiveservices", "account", "show", "-g", GROUP, "-n", ACCOUNT)["id"]
    whom = ("--assignee-object-id", made["principalId"], "--assignee-principal-type", "ServicePrincipal")
    first = az("role", "assignment", "create", "--role", ROLE, *whom, "--scope", scope)
    again = az("role", "assignment", "create", "--role", ROLE, *whom, "--scope", scope)
    assert again["id"] == first["id"], "az takes the 409 for what it is"
    client_id = own["sign_in"]["client_id"]
    az("role", "assignment", "create", "--role", ROLE, "--assignee", client_id, "--scope", scope)
    listed = az("role", "assignment", "list", "--scope", scope)
    assert {each["principalName"] for each in listed} == {made["clientId"], client_id}
    az("role", "assignment", "delete", "--role", ROLE, "--assignee", client_id, "--scope", scope)
    assert len(az("role", "assignment", "list", "--scope", scope)) == 1

    trust = ("--issuer", "https://issuer.example/", "--subject", "system:serviceaccount:default:sa")
    names = ("-g", GROUP, "--identity-name", "myIdentity")
    made = az("identity", "federated-credential", "create", *names, "--name", "myFed", *trust)
    assert made["audiences"] == ["api://AzureADTokenExchange"]
    (listed,) = az("identity", "federated-credential", "list", *names)
    assert listed["name"] == "myFed"


def test_the_door_is_locked(az: Az) -> None:
    before = az("cognitiveservices", "account", "keys", "list", "-g", GROUP, "-n", ACCOUNT)
    change = ("keys", "regenerate", "-g", GROUP, "-n", ACCOUNT, "--key-name", "Key1")
    assert az("cognitiveservices", "account", *change)["key1"] != before["key1"]
    account = az("cognitiveservices", "account", "show", "-g", GROUP, "-n", ACCOUNT)["id"]
    locked = az("resource", "update", "--ids", account, "--set", "properties.disableLocalAuth=true")
    assert locked["properties"]["disableLocalAuth"] is True


def test_the_clusters_credentials(az: Az, own: client.Endpoints) -> None:
    az("aks", "get-credentials", "-g", GROUP, "-n", CLUSTER)
    kubeconfig = own.ca_file.parent / "kubeconfig"
    assert f"current-context: {CLUSTER}" in kubeconfig.read_text()


def test_questions_to_graph(az: Az, own: client.Endpoints) -> None:
    client_id = own["sign_in"]["client_id"]
    found = az("ad", "sp", "show", "--id", client_id)
    assert found["appId"] == client_id
    assert az("ad", "sp", "show", "--id", found["id"])["id"] == found["id"]
    assert "does not exist" in az("ad", "sp", "show", "--id", own["subscription_id"], code=3)
    (application,) = az("ad", "app", "list", "--filter", f"appId eq '{client_id}'")
    assert application["appId"] == client_id
    assert az("ad", "user", "list") == az("ad", "group", "list") == []
    assert "/me request is only valid" in az("ad", "signed-in-user", "show", code=1)
