"""The workshop's own commands, by the real `az` where one is installed (tried with 2.91)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from az_world import ACCOUNT, CLUSTER, GROUP, ROLE, az_python

if TYPE_CHECKING:
    from az_world import Az

    from workshop_tui.practice.client import Endpoints

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: its commands are NOT tried")


def test_what_is_there(az: Az, az_cloud: Endpoints) -> None:
    accounts = az("resource", "list", "-g", GROUP, "--resource-type", "Microsoft.CognitiveServices/accounts")
    assert {each["kind"] for each in accounts} == {"OpenAI", "SpeechServices"}
    shown = az("cognitiveservices", "account", "show", "-g", GROUP, "-n", ACCOUNT)
    assert shown["properties"]["endpoint"] == f"{az_cloud['openai']}/"
    (deployment,) = az("cognitiveservices", "account", "deployment", "list", "-g", GROUP, "-n", ACCOUNT)
    assert deployment["name"] == az_cloud["deployment_name"]
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


def test_identity_role_and_federation(az: Az, az_cloud: Endpoints) -> None:
    made = az("identity", "create", "-g", GROUP, "-n", "myIdentity")
    scope = az("cognitiveservices", "account", "show", "-g", GROUP, "-n", ACCOUNT)["id"]
    whom = ("--assignee-object-id", made["principalId"], "--assignee-principal-type", "ServicePrincipal")
    first = az("role", "assignment", "create", "--role", ROLE, *whom, "--scope", scope)
    again = az("role", "assignment", "create", "--role", ROLE, *whom, "--scope", scope)
    assert again["id"] == first["id"], "az takes the 409 for what it is"
    client_id = az_cloud["sign_in"]["client_id"]
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
    opened = az("resource", "update", "--ids", account, "--set", "properties.disableLocalAuth=false")
    assert "disableLocalAuth" not in opened["properties"], "left out when false, as recorded"


def test_a_model_of_the_list_is_deployed(az: Az, fresh_name: str) -> None:
    account = ("-g", GROUP, "-n", ACCOUNT)
    models = az("cognitiveservices", "account", "list-models", *account)
    chat = [each for each in models if each["capabilities"].get("chatCompletion") == "true"]
    current = next(each for each in chat if each["lifecycleStatus"] == "GenerallyAvailable")
    assert {each["lifecycleStatus"] for each in chat} == {"GenerallyAvailable", "Deprecated"}
    model = ("--model-format", "OpenAI", "--model-name", current["name"])
    version = ("--model-version", current["version"], "--sku-name", current["skus"][0]["name"])
    which = (*account, "--deployment-name", fresh_name)
    made = az("cognitiveservices", "account", "deployment", "create", *which, *model, *version)
    assert made["properties"]["model"]["version"] == current["version"]
    az("cognitiveservices", "account", "deployment", "delete", *which)


def test_the_clusters_credentials(az: Az, az_cloud: Endpoints) -> None:
    az("aks", "get-credentials", "-g", GROUP, "-n", CLUSTER)
    kubeconfig = az_cloud.ca_file.parent / "kubeconfig"
    assert f"current-context: {CLUSTER}" in kubeconfig.read_text()


def test_questions_to_graph(az: Az, az_cloud: Endpoints) -> None:
    client_id = az_cloud["sign_in"]["client_id"]
    found = az("ad", "sp", "show", "--id", client_id)
    assert found["appId"] == client_id
    assert az("ad", "sp", "show", "--id", found["id"])["id"] == found["id"]
    assert "does not exist" in az("ad", "sp", "show", "--id", az_cloud["subscription_id"], code=3)
    (application,) = az("ad", "app", "list", "--filter", f"appId eq '{client_id}'")
    assert application["appId"] == client_id
    (person,) = az("ad", "user", "list")
    assert az("ad", "user", "show", "--id", person["userPrincipalName"])["id"] == person["id"]
    assert "does not exist" in az("ad", "user", "show", "--id", "nobody@practice.example", code=3)
    assert "/me request is only valid" in az("ad", "signed-in-user", "show", code=1)
    # What the workshop does not need is refused in Graph's form, and az says it in a sentence.
    assert "Insufficient privileges" in az("ad", "app", "create", "--display-name", "shop", code=1)
    unknown = ("rest", "--url", f"{az_cloud['graph']}/v1.0/nowhere", "--resource", az_cloud["graph"])
    assert "Resource not found for the segment 'nowhere'" in az(*unknown, code=1)


def test_a_group_is_filled_and_emptied(az: Az, fresh_name: str) -> None:
    group = az("ad", "group", "create", "--display-name", fresh_name, "--mail-nickname", fresh_name)
    again = az("ad", "group", "create", "--display-name", fresh_name, "--mail-nickname", fresh_name)
    assert again["id"] == group["id"]
    assert fresh_name in [each["displayName"] for each in az("ad", "group", "list")]
    member = az("identity", "create", "-g", GROUP, "-n", fresh_name)["principalId"]
    who = ("-g", group["id"], "--member-id", member)
    assert az("ad", "group", "member", "check", *who) == {"value": False}
    az("ad", "group", "member", "add", *who)
    assert "references already exist" in az("ad", "group", "member", "add", *who, code=1)
    assert az("ad", "group", "member", "check", *who) == {"value": True}
    assert [each["id"] for each in az("ad", "group", "member", "list", "-g", group["id"])] == [member]
    az("ad", "group", "member", "remove", *who)
    assert "does not exist" in az("ad", "group", "member", "remove", *who, code=1)
    assert az("ad", "group", "show", "-g", group["id"])["id"] == group["id"]
    az("ad", "group", "delete", "-g", group["id"])
    assert "does not exist" in az("ad", "group", "show", "-g", group["id"], code=3)
