"""Managed identities and their federated credentials by the real `az`: the commands, and the mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from az_world import GROUP, Az, az_python

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(az_python() is None, reason="no az here: its commands are NOT tried")
SUBJECT = "system:serviceaccount:pets:ai-service-account"
ISSUER = "https://issuer.example/guid/"
NOBODY = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def identity(az: Az, fresh_name: str) -> str:
    """The name of a fresh identity."""
    az("identity", "create", "-g", GROUP, "-n", fresh_name)
    return fresh_name


@pytest.fixture
def federated(az: Az, identity: str) -> Callable[..., object]:
    """`az identity federated-credential` for the identity."""

    def run(command: str, *arguments: str, code: int = 0) -> object:
        whom = ("-g", GROUP, "--identity-name", identity)
        return az("identity", "federated-credential", command, *whom, *arguments, code=code)

    return run


def test_an_identity_from_its_beginning_to_its_end(az: Az, fresh_name: str) -> None:
    made = az("identity", "create", "-g", GROUP, "-n", fresh_name, "--tags", "step=identity")
    assert (made["tags"], made["location"]) == ({"step": "identity"}, "eastus"), "the group's location"
    again = az("identity", "create", "-g", GROUP, "-n", fresh_name)
    assert again["clientId"] == made["clientId"], "made once, whoever asks twice"
    assert az("identity", "show", "-g", GROUP, "-n", fresh_name)["principalId"] == made["principalId"]
    assert fresh_name in [each["name"] for each in az("identity", "list", "-g", GROUP)]
    assert fresh_name in [each["name"] for each in az("identity", "list")]
    (listed,) = [each for each in az("resource", "list", "-g", GROUP) if each["name"] == fresh_name]
    assert listed["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
    az("identity", "delete", "-g", GROUP, "-n", fresh_name)
    assert "(ResourceNotFound)" in az("identity", "show", "-g", GROUP, "-n", fresh_name, code=3)
    renewed = az("identity", "create", "-g", GROUP, "-n", fresh_name)
    assert renewed["clientId"] != made["clientId"], "the old annotation is of no use any more"


def test_a_credential_from_its_beginning_to_its_end(federated: Callable[..., Any]) -> None:
    made = federated("create", "--name", "fed", "--issuer", ISSUER, "--subject", SUBJECT)
    assert (made["audiences"], made["subject"]) == (["api://AzureADTokenExchange"], SUBJECT)
    audience = ("--audiences", "api://other")
    changed = federated("update", "--name", "fed", "--issuer", ISSUER, "--subject", SUBJECT, *audience)
    assert changed["audiences"] == ["api://other"]
    assert federated("show", "--name", "fed") == changed
    assert federated("list") == [changed]
    federated("delete", "--name", "fed", "--yes")
    assert federated("list") == []
    assert "(NotFound) Resource '" in str(federated("show", "--name", "fed", code=3))


def test_credentials_refused(az: Az, federated: Callable[..., object]) -> None:
    trust = ("--issuer", ISSUER, "--subject", SUBJECT)
    federated("create", "--name", "one", *trust)
    same = federated("create", "--name", "two", *trust, code=1)
    assert "Issuer and subject combination already exists for this Managed Identity." in str(same)
    two = ("--audiences", "a", "b")
    many = federated("create", "--name", "two", "--issuer", ISSUER, "--subject", "other", *two, code=1)
    assert "Federated identity credentials must have exactly one audience." in str(many)
    whom = ("-g", GROUP, "--identity-name", "nobody", "--name", "fed")
    orphan = az("identity", "federated-credential", "create", *whom, *trust, code=3)
    assert "(ParentResourceNotFound) Failed to perform 'write' on resource(s)" in orphan


def test_twenty_and_no_more(federated: Callable[..., object]) -> None:
    for number in range(20):
        federated("create", "--name", f"fed-{number}", "--issuer", ISSUER, "--subject", f"s{number}")
    late = federated("create", "--name", "fed-20", "--issuer", ISSUER, "--subject", "s20", code=1)
    assert "at most 20 federated identity credentials" in str(late)


def test_principals_refused(az: Az, identity: str) -> None:
    group = az("group", "show", "-n", GROUP)["id"]
    give = ("role", "assignment", "create", "--role", "Reader", "--scope", group, "--assignee-object-id")
    stranger = az(*give, NOBODY, "--assignee-principal-type", "ServicePrincipal", code=1)
    assert (
        f"(PrincipalNotFound) Principal {NOBODY.replace('-', '')} does not exist in the directory" in stranger
    )
    made = az("identity", "show", "-g", GROUP, "-n", identity)
    person = az(*give, made["principalId"], "--assignee-principal-type", "User", code=1)
    assert "(UnmatchedPrincipalType)" in person
    mistaken = az(*give, made["clientId"], "--assignee-principal-type", "ServicePrincipal", code=1)
    assert "(PrincipalNotFound)" in mistaken, "a client id is no object id"
