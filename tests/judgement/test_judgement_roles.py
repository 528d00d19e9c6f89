"""Roles judged by what they allow and where, whatever they are called."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workshop_tui.authoring import CHAT_ACTION, Permissions, RoleGrant, role_allowing, role_managing
from workshop_tui.judgement.roles import action_matches, block_allows, scope_covers

SUBSCRIPTION = "/subscriptions/s1"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/a"
USER = Permissions(data_actions=(CHAT_ACTION,))


def grant(*blocks: Permissions, scope: str = ACCOUNT, created: datetime | None = None) -> RoleGrant:
    return RoleGrant("id", scope, "any name", "definition", "principal", blocks, created)


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (ACCOUNT, True),
        (ACCOUNT.upper(), True),
        (ACCOUNT + "/", True),
        (GROUP, True),
        (SUBSCRIPTION, True),
        ("/", True),
        ("", True),
        ("/providers/Microsoft.Management/managementGroups/mg", True),
        (f"{GROUP}2", False),
        (f"{SUBSCRIPTION}1", False),
        (f"{ACCOUNT}2", False),
        (f"{ACCOUNT}/deployments/d", False),
    ],
)
@pytest.mark.parametrize("resource", [ACCOUNT, f"{ACCOUNT}/"])
def test_a_scope_covers_what_is_below_it(scope: str, resource: str, covers: bool) -> None:  # noqa: FBT001 - a table's column
    assert scope_covers(scope, resource) is covers


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "Microsoft.CognitiveServices/*",
        "*/action",
        "microsoft.cognitiveservices/ACCOUNTS/OpenAI/*/action",
    ],
)
def test_wildcards_cover_the_chat_action(pattern: str) -> None:
    assert action_matches(pattern, CHAT_ACTION)


@pytest.mark.parametrize(
    "pattern",
    ["", "Microsoft.CognitiveServices", "Microsoft.CognitiveServices/*/read", "*/completions", "?" * 9],
)
def test_others_do_not(pattern: str) -> None:
    assert not action_matches(pattern, CHAT_ACTION)


@given(st.text("ab*/", max_size=12), st.text("abAB/", max_size=12))
@example("a**", "ab")
@example("a*b*c", "abc")
@example("*ab*b", "ab")
@example("*a*a", "a")
@example("a*a", "a")
def test_wildcards_mean_what_a_regular_expression_says(pattern: str, action: str) -> None:
    expression = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    assert action_matches(pattern, action) == bool(
        re.fullmatch(expression, action, re.IGNORECASE | re.DOTALL)
    )


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_a_wildcard_swallows_anything(head: str, middle: str, tail: str) -> None:
    assert action_matches(f"{head}*{tail}", head + middle + tail)


def test_what_a_block_takes_away_counts_in_that_block_alone() -> None:
    taking = Permissions(data_actions=("*",), not_data_actions=("Microsoft.CognitiveServices/*",))
    assert not block_allows(taking, CHAT_ACTION)
    assert role_allowing([grant(taking)], CHAT_ACTION, ACCOUNT) is None
    assert role_allowing([grant(taking, USER)], CHAT_ACTION, ACCOUNT) is not None


def test_control_plane_actions_allow_no_data_action() -> None:
    owner = grant(Permissions(actions=("*",)))
    assert role_allowing([owner], CHAT_ACTION, ACCOUNT) is None
    assert role_managing([owner], ACCOUNT) is owner
    assert role_managing([grant(Permissions(actions=("*/read",)))], ACCOUNT) is None
    listed = Permissions(actions=("*",), not_actions=("Microsoft.CognitiveServices/accounts/listKeys/*",))
    assert role_managing([grant(listed)], ACCOUNT) is None
    keys = Permissions(actions=("Microsoft.CognitiveServices/accounts/listKeys/action",))
    assert role_managing([grant(keys)], ACCOUNT) is not None


def test_the_longest_standing_assignment_counts() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    old, young = grant(USER, created=now - timedelta(days=1)), grant(USER, created=now)
    assert role_allowing([young, old], CHAT_ACTION, ACCOUNT) is old


def test_an_assignment_of_unknown_age_is_taken_for_an_old_one() -> None:
    known = grant(USER, created=datetime(2026, 1, 1, tzinfo=UTC))
    unknown = grant(USER, created=None)
    assert role_allowing([known, unknown], CHAT_ACTION, ACCOUNT) is unknown
    assert role_allowing([unknown, known], CHAT_ACTION, ACCOUNT) is unknown
