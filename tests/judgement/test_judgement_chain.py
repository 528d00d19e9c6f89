"""Which credential is nearest, what the tokens are compared with, and how long new things take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workshop_tui.authoring import (
    CHAT_ACTION,
    TOKEN_AUDIENCE,
    Absent,
    FederatedCredential,
    FederatedCredentials,
    ManagedCluster,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Permissions,
    RoleGrant,
    ServiceAccount,
    app_settings,
    best_credential,
    same_endpoint,
)
from workshop_tui.judgement.chain import role_settles, trusts, wanted_credential

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUER, SUBJECT = "https://issuer/1/", "system:serviceaccount:default:ai-service-account"
WANTED = {"issuer": ISSUER, "subject": SUBJECT, "audience": TOKEN_AUDIENCE}
ACCOUNT = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a"
GITHUB = FederatedCredential("zz", "https://token.actions.githubusercontent.com", "repo:a", ("api://other",))


def credential(
    issuer: str = ISSUER, subject: str = SUBJECT, *audiences: str, name: str = "aa"
) -> FederatedCredential:
    return FederatedCredential(name, issuer, subject, audiences or (TOKEN_AUDIENCE,))


@pytest.mark.parametrize(
    "nearer",
    [
        credential("https://issuer/1", "repo:a", "api://other"),
        credential("https://ISSUER/1/", "repo:a", "api://other"),
        credential(" https://issuer/1/\n", "repo:a", "api://other"),
        credential("https://token", SUBJECT.upper(), "api://other"),
        credential("https://token", f"{SUBJECT} ", "api://other"),
        credential("https://token", "repo:a", f"{TOKEN_AUDIENCE}/"),
        credential("https://token", "repo:a", "api://other", TOKEN_AUDIENCE.lower()),
    ],
)
def test_a_credential_with_a_slip_is_nearer_than_one_for_something_else(nearer: FederatedCredential) -> None:
    assert best_credential(FederatedCredentials("i", (GITHUB, nearer)), **WANTED) is nearer


def test_of_equals_the_one_of_the_learners_name_counts() -> None:
    mine, other = credential(name="mine"), credential(name="other")
    both = FederatedCredentials("i", (mine, other))
    assert best_credential(both, **WANTED, name="mine") is mine
    assert best_credential(both, **WANTED, name="other") is other


def test_what_is_right_to_the_letter_outweighs_any_number_of_slips() -> None:
    slips = credential("https://issuer/1", SUBJECT.upper(), f"{TOKEN_AUDIENCE}/", name="slips")
    right = credential(ISSUER, "repo:a", "api://other", name="a")
    assert best_credential(FederatedCredentials("i", (slips, right)), **WANTED) is right


def test_without_an_issuer_no_credential_is_trusted() -> None:
    odd = FederatedCredentials("i", (credential(""),))
    assert not trusts(odd, {**WANTED, "issuer": ""})
    assert trusts(FederatedCredentials("i", (GITHUB, credential())), WANTED)
    assert not trusts(FederatedCredentials("i", (GITHUB,)), WANTED)


def test_tokens_are_compared_with_what_is_there_or_else_with_the_learners_names() -> None:
    names = Names("s", namespace="pets", service_account="mine")
    cluster = ManagedCluster(
        "id", "c", "here", "Succeeded", oidc_issuer=True, issuer_url=ISSUER, workload_identity=True
    )
    found = wanted_credential(cluster, ServiceAccount("default", "ai-service-account"), names)
    assert found == WANTED
    nothing = Absent("a thing", "cluster.missing")
    assert wanted_credential(nothing, nothing, names) == {
        "issuer": "",
        "subject": "system:serviceaccount:pets:mine",
        "audience": TOKEN_AUDIENCE,
    }


def test_a_role_is_young_for_five_minutes() -> None:
    def given(ago: timedelta | None) -> datetime | None:
        created = None if ago is None else NOW - ago
        permissions = Permissions(data_actions=(CHAT_ACTION,))
        grant = RoleGrant("id", ACCOUNT, "User", "definition", "me", (permissions,), created)
        return role_settles([grant], CHAT_ACTION, ACCOUNT, NOW)

    assert given(timedelta()) == NOW + timedelta(minutes=5)
    assert given(timedelta(minutes=4, seconds=59)) == NOW + timedelta(seconds=1)
    assert given(timedelta(minutes=5)) is None
    assert given(None) is None


def test_the_app_takes_these_settings_and_no_key() -> None:
    account = OpenAIAccount(
        ACCOUNT, "a", "OpenAI", "here", "https://a.openai.azure.com/", "a", key_sign_in=False
    )
    assert app_settings(account, ModelDeployment("chat", "gpt-35-turbo", "Succeeded")) == {
        "USE_AZURE_OPENAI": "True",
        "USE_AZURE_AD": "True",
        "AZURE_OPENAI_DEPLOYMENT_NAME": "chat",
        "AZURE_OPENAI_ENDPOINT": "https://a.openai.azure.com/",
    }


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("https://a.openai.azure.com", True),
        ("https://a.openai.azure.com//", True),
        ("HTTPS://A.OpenAI.Azure.com/", True),
        ("https://a.services.ai.azure.com/", True),
        ("https://a.cognitiveservices.azure.com:443/", True),
        ("https://b.openai.azure.com/", False),
        ("https://a.openai.azure.com:8443/", False),
        ("https://a.openai.azure.com/openai", False),
        ("https://a.openai.azure.com/?api-version=1", False),
        ("https://a.openai.azure.com/#top", False),
        ("https://me@a.openai.azure.com/", False),
        ("https://a.openai.azure.com /", False),
        ("a.openai.azure.com", False),
        ("https://", False),
        ("https://a.openai.azure.com:port/", False),
    ],
)
def test_which_endpoints_are_the_accounts(one: str, same: bool) -> None:  # noqa: FBT001 - a table's column
    assert same_endpoint(one, "https://a.openai.azure.com/") is same
    assert same_endpoint("https://a.openai.azure.com/", one) is same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "http://a.openai.azure.com/",
        "https://a.openai.azure.com/?api-version=1",
        "https://a.openai.azure.com/#top",
        "https://me@a.openai.azure.com/",
        "https://a.openai.azure.com/\n",
    ],
)
def test_what_no_request_can_be_built_on_is_nobodys_endpoint(text: str) -> None:
    assert not same_endpoint(text, text)
