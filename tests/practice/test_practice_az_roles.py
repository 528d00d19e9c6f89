"""Roles by the real `az`: given by name, id and group, found again, counted at the data plane, taken away."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from az_world import ACCOUNT, GROUP, ROLE, Az, az_python
from openai import AuthenticationError, AzureOpenAI, DefaultHttpxClient
from practice_world import eventually

if TYPE_CHECKING:
    from practice_world import Issuer, SignedIn

    from workshop_tui.practice.client import Endpoints

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: roles are NOT tried")
COGNITIVE = "https://cognitiveservices.azure.com"


@pytest.fixture(scope="module")
def account(az: Az) -> str:
    found: str = az("cognitiveservices", "account", "show", "-g", GROUP, "-n", ACCOUNT)["id"]
    return found


def test_by_a_persons_name(az: Az, az_cloud: Endpoints, account: str) -> None:
    name = az_cloud["learner"]["user_name"]
    given = az("role", "assignment", "create", "--role", ROLE, "--assignee", name, "--scope", account)
    assert (given["principalId"], given["principalType"]) == (az_cloud["learner"]["object_id"], "User")
    (found,) = az("role", "assignment", "list", "--assignee", name, "--scope", account, "--role", ROLE)
    assert found["principalName"] == name
    inherited = az(
        "role", "assignment", "list", "--assignee", name, "--scope", account, "--include-inherited"
    )
    assert {each["roleDefinitionName"] for each in inherited} == {ROLE, "Owner"}
    assert len(az("role", "assignment", "list", "--assignee", name, "--all")) == 2
    az("role", "assignment", "delete", "--assignee", name, "--role", ROLE, "--scope", account)
    assert az("role", "assignment", "list", "--assignee", name, "--scope", account) == []
    refused = az(
        "role",
        "assignment",
        "create",
        "--role",
        ROLE,
        "--assignee",
        "nobody@practice.example",
        "--scope",
        account,
        code=1,
    )
    assert "Cannot find user or service principal in graph database for 'nobody@practice.example'" in refused


def test_by_ids(az: Az, account: str, fresh_name: str) -> None:
    made = az("identity", "create", "-g", GROUP, "-n", fresh_name)
    late = az(
        "role",
        "assignment",
        "create",
        "--role",
        ROLE,
        "--assignee-object-id",
        made["principalId"],
        "--assignee-principal-type",
        "ServicePrincipal",
        "--scope",
        account,
    )
    by_client = az(
        "role", "assignment", "create", "--role", "Reader", "--assignee", made["clientId"], "--scope", account
    )
    assert by_client["principalId"] == made["principalId"]
    az("role", "assignment", "delete", "--ids", late["id"], by_client["id"])
    assert az("role", "assignment", "list", "--assignee", made["principalId"], "--all") == []
    assert "doesn't exist" in az(
        "role",
        "assignment",
        "create",
        "--role",
        "Baker",
        "--assignee",
        made["clientId"],
        "--scope",
        account,
        code=1,
    )


def test_roles_as_they_are_defined(az: Az, az_cloud: Endpoints, account: str, fresh_name: str) -> None:
    (role,) = az("role", "definition", "list", "--name", ROLE)
    assert role["name"] == "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
    assert az("role", "definition", "list", "--custom-role-only") == []
    scope = f"/subscriptions/{az_cloud['subscription_id']}"
    chat = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
    wanted = f'{{"Name": "{fresh_name}", "DataActions": ["{chat}"], "AssignableScopes": ["{scope}"]}}'
    made = az("role", "definition", "create", "--role-definition", wanted)
    assert made["permissions"][0]["dataActions"] == [chat]
    (custom,) = az("role", "definition", "list", "--custom-role-only")
    assert custom["roleName"] == fresh_name
    identity = az("identity", "create", "-g", GROUP, "-n", fresh_name)
    whom = ("--assignee-object-id", identity["principalId"], "--assignee-principal-type", "ServicePrincipal")
    az("role", "assignment", "create", "--role", fresh_name, *whom, "--scope", account)
    held = az("role", "definition", "delete", "--name", fresh_name, code=1)
    assert "(RoleDefinitionHasAssignments)" in held
    az(
        "role",
        "assignment",
        "delete",
        "--assignee",
        identity["principalId"],
        "--role",
        fresh_name,
        "--scope",
        account,
    )
    az("role", "definition", "delete", "--name", fresh_name)
    assert az("role", "definition", "list", "--custom-role-only") == []


def test_through_a_group(
    az: Az, az_learner: SignedIn, az_issuer: Issuer, account: str, fresh_name: str
) -> None:
    made = az("identity", "create", "-g", GROUP, "-n", fresh_name)
    az_learner.trust(fresh_name, az_issuer.url, "pod")
    assertion = {
        "client_id": made["clientId"],
        "client_assertion": az_issuer.assertion("pod"),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    answer = az_learner.token_answer(**assertion, scope=f"{COGNITIVE}/.default").raise_for_status()
    trust = ssl.create_default_context(cafile=str(az_learner.cloud.ca_file))
    chat = AzureOpenAI(
        base_url=f"{az_learner.cloud['openai']}/openai/deployments/{az_learner.cloud['deployment_name']}",
        api_version="2024-06-01",
        azure_ad_token=answer.json()["access_token"],
        http_client=DefaultHttpxClient(verify=trust, trust_env=False),
        max_retries=0,
    ).chat.completions

    def ask() -> str | None:
        try:
            chat.create(model="any", messages=[{"role": "user", "content": "Describe a ball"}])
        except AuthenticationError as error:
            return error.code
        return "answered"

    assert ask() == "PermissionDenied"
    group = az("ad", "group", "create", "--display-name", fresh_name, "--mail-nickname", fresh_name)["id"]
    az("ad", "group", "member", "add", "-g", group, "--member-id", made["principalId"])
    az(
        "role",
        "assignment",
        "create",
        "--role",
        ROLE,
        "--assignee-object-id",
        group,
        "--assignee-principal-type",
        "Group",
        "--scope",
        account,
    )
    eventually(lambda: ask() == "answered")
    az("ad", "group", "member", "remove", "-g", group, "--member-id", made["principalId"])
    assert ask() == "PermissionDenied"
    az("role", "assignment", "delete", "--assignee", group, "--role", ROLE, "--scope", account)
    az("ad", "group", "delete", "-g", group)


def test_a_token_of_entra_id_is_no_assertion(
    az: Az, az_cloud: Endpoints, az_learner: SignedIn, fresh_name: str
) -> None:
    made = az("identity", "create", "-g", GROUP, "-n", fresh_name)
    issuer = f"{az_cloud['entra']}/{az_cloud['tenant_id']}/"
    az_learner.trust(fresh_name, issuer, az_cloud["sign_in"]["object_id"], az_cloud["graph"])
    token = az("account", "get-access-token", "--resource", az_cloud["graph"])["accessToken"]
    refused = az(
        "login",
        "--service-principal",
        "-u",
        made["clientId"],
        "--tenant",
        az_cloud["tenant_id"],
        "--federated-token",
        token,
        code=1,
    )
    assert "AADSTS700222: AAD-issued tokens may not be used for federated identity flows." in refused
