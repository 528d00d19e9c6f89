"""Who may do what: scopes, wildcards, groups, and the time an assignment takes to travel."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.directory import Directory, Principal, Trust
from workshop_tui.practice.rbac import ASSIGNMENT, AccessControl, Assignment, covers, is_within
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
CHAT = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
SUBSCRIPTION = "/subscriptions/s"
ACCOUNT = f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    store = Store(tmp_path / "store.sqlite")
    nowhere = "https://localhost:9"
    names = ("arm", "entra", "graph", "openai", "kubernetes", "issuer", "registry", "shop")
    addresses = Addresses(**dict.fromkeys(names, nowhere))
    world = Names("tenant", "s", "guid")
    yield Practice(Options(tmp_path), Clock(), store, addresses, world, tmp_path / "ca.pem")
    store.close()


@pytest.fixture
def directory(practice: Practice) -> Directory:
    return Directory(practice.store, practice.clock)


@pytest.fixture
def access(practice: Practice, directory: Directory) -> AccessControl:
    return AccessControl(practice, directory)


def assign(
    practice: Practice, principal: str, scope: str = ACCOUNT, role: str = OPENAI_USER, seconds: float = 0
) -> None:
    now = practice.clock.now()
    effective = (now + timedelta(seconds=seconds)).isoformat()
    name, moment = str(uuid.uuid4()), now.isoformat()
    made = Assignment(scope, name, role, principal, "ServicePrincipal", moment, "me", effective)
    practice.store.write(ASSIGNMENT, made.id.lower(), asdict(made))


def test_directly(practice: Practice, access: AccessControl) -> None:
    assign(practice, "someone")
    assert access.allows("someone", CHAT, ACCOUNT, data=True)
    assert access.allows("SOMEONE", CHAT.upper(), ACCOUNT.upper(), data=True)
    assert not access.allows("another", CHAT, ACCOUNT, data=True)
    assert not access.allows("someone", CHAT, ACCOUNT), "a data action is no control-plane action"
    assert not access.allows("someone", CHAT, f"{ACCOUNT}-2", data=True)


def test_through_groups_in_groups(practice: Practice, directory: Directory, access: AccessControl) -> None:
    directory.put(Principal("inner", "team", "Group", members=("someone", "outer")))
    directory.put(Principal("outer", "department", "Group", members=("inner",)))
    assign(practice, "outer", SUBSCRIPTION)
    assert directory.groups_of("someone") == {"inner", "outer"}
    assert access.allows("someone", CHAT, ACCOUNT, data=True)
    directory.put(Principal("inner", "team", "Group", members=()))
    assert not access.allows("someone", CHAT, ACCOUNT, data=True)


def test_the_data_plane_learns_later(practice: Practice, access: AccessControl) -> None:
    assign(practice, "someone", seconds=60)
    read = "Microsoft.CognitiveServices/accounts/read"
    assert access.allows("someone", read, ACCOUNT)
    assert not access.allows("someone", CHAT, ACCOUNT, data=True)


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("*", "Any/thing", True),
        ("*/read", "A/b/READ", True),
        ("*/read", "A/b/reader", False),
        ("A.b/*/read", "AxB/c/read", False),
        ("A/OpenAI/*", "A/OpenAI/x/y/action", True),
    ],
)
def test_wildcards(pattern: str, action: str, matches: bool) -> None:  # noqa: FBT001
    assert covers((pattern,), action) is matches


def test_scopes() -> None:
    assert is_within(ACCOUNT, "/")
    assert is_within(ACCOUNT, SUBSCRIPTION.upper())
    assert is_within(ACCOUNT, ACCOUNT)
    assert not is_within(SUBSCRIPTION, ACCOUNT)
    assert not is_within("/subscriptions/s2", SUBSCRIPTION)


def test_a_changed_credential_travels_while_the_old_one_counts(directory: Directory) -> None:
    old, new = Trust("https://i/", "old", ("a",)), Trust("https://i/", "new", ("a",))
    directory.trust("app", "fed", old, 0)
    directory.trust("app", "fed", new, 60)
    directory.trust("app", "fed", new, 60)
    (credential,) = directory.credentials("app")
    now = Clock().now()
    assert credential.written == new
    assert credential.seen_at(now) == old
    assert credential.seen_at(now + timedelta(seconds=61)) == new


def test_a_principal_goes_with_its_credentials(directory: Directory) -> None:
    directory.put(Principal("oid", "x", application_id="app"))
    directory.trust("app", "fed", Trust("https://i/", "s", ("a",)), 0)
    directory.remove("oid")
    directory.remove("oid")
    assert directory.by_application("APP") is None
    assert directory.credentials("app") == []
