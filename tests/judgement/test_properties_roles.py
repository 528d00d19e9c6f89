"""Roles in generated worlds, against Azure's rules said a second time: scope by scope, block by block."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.authoring import (
    CHAT_ACTION,
    ROLE_PROPAGATION,
    Permissions,
    RoleGrant,
    role_allowing,
    role_managing,
    role_settles,
)
from workshop_tui.judgement.roles import scope_covers

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIST_KEYS = "Microsoft.CognitiveServices/accounts/listKeys/action"
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/myResourceGroup"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/my-openai"
REACHING = (ACCOUNT, GROUP, SUBSCRIPTION, "/providers/Microsoft.Management/managementGroups/top", "/", "")
BESIDE = (
    f"{ACCOUNT}-2",
    f"{ACCOUNT}/deployments/gpt-35-turbo",
    f"{GROUP}-2",
    f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/my-open",
    f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/my-openai",
    f"{SUBSCRIPTION[:-1]}2",
    f"{SUBSCRIPTION}/resourceGroups/my",
)


def matches(pattern: str, action: str) -> bool:
    """Azure's wildcard rule: `*` is any text, case does not count, nothing else is special."""
    expression = re.escape(pattern).replace(re.escape("*"), ".*")
    return re.fullmatch(expression, action, re.IGNORECASE | re.DOTALL) is not None


@st.composite
def patterns(draw: st.DrawFn, action: str) -> str:
    """Make entries of a role definition around an action: cut, with wildcards, in any case, or of others."""
    pieces = action.split("/")
    for place in draw(st.lists(st.integers(0, len(pieces) - 1), max_size=3)):
        pieces[place] = draw(st.sampled_from(["*", pieces[place], "read", f"{pieces[place][:3]}*"]))
    cut = draw(st.integers(1, len(pieces)))
    text = "/".join(pieces[:cut]) + draw(st.sampled_from(["", "", "/*", "*"]))
    return draw(st.sampled_from([text, text.upper(), text.lower(), "*", action, "*/read", ""]))


def blocks() -> st.SearchStrategy[Permissions]:
    data, control = patterns(CHAT_ACTION), patterns(LIST_KEYS)
    some = st.lists(data, max_size=3).map(tuple)
    others = st.lists(control, max_size=2).map(tuple)
    return st.builds(Permissions, others, others, some, st.just(()) | st.lists(data, max_size=2).map(tuple))


@dataclass(frozen=True)
class Held:
    """A grant, and whether its scope reaches the account: known from how it was made."""

    grant: RoleGrant
    reaches: bool


@st.composite
def held(draw: st.DrawFn) -> Held:
    scope, reaches = draw(
        st.sampled_from([(item, True) for item in REACHING] + [(item, False) for item in BESIDE])
    )
    written = draw(st.sampled_from([scope, scope.upper(), scope.lower(), f"{scope}/" if scope else scope]))
    grant = RoleGrant(
        id=f"{written}/ra",
        scope=written,
        role_name=draw(st.sampled_from(["Cognitive Services OpenAI User", "Owner", "Reader", "mine", ""])),
        role_definition_id="role",
        principal_id="principal",
        permissions=tuple(draw(st.lists(blocks(), max_size=3))),
        created=draw(st.none() | st.integers(-3600, 3600).map(lambda ago: NOW - timedelta(seconds=ago))),
        direct=draw(st.booleans()),
    )
    return Held(grant, reaches)


def allows(item: Held) -> bool:
    """Say the rule again: a reaching grant, one of whose blocks gives the action, and keeps it."""
    return item.reaches and any(
        any(matches(entry, CHAT_ACTION) for entry in block.data_actions)
        and not any(matches(entry, CHAT_ACTION) for entry in block.not_data_actions)
        for block in item.grant.permissions
    )


def manages(item: Held) -> bool:
    return item.reaches and any(
        any(matches(entry, LIST_KEYS) for entry in block.actions)
        and not any(matches(entry, LIST_KEYS) for entry in block.not_actions)
        for block in item.grant.permissions
    )


def found(items: list[Held]) -> RoleGrant | None:
    return role_allowing([item.grant for item in items], CHAT_ACTION, ACCOUNT)


@given(held())
def test_a_scope_reaches_what_is_below_it_and_nothing_else(item: Held) -> None:
    assert scope_covers(item.grant.scope, ACCOUNT) is item.reaches


@given(st.lists(held(), max_size=4))
def test_a_role_allows_what_azures_rules_say(items: list[Held]) -> None:
    right = [item.grant for item in items if allows(item)]
    grant = found(items)
    assert (grant is None) is (not right)
    if grant is not None:
        assert grant in right
        # The longest-standing counts; one whose age is not told is taken for old.
        assert grant.created is None or all(
            other.created is not None and grant.created <= other.created for other in right
        )


@given(st.lists(held(), max_size=4))
def test_managing_an_account_is_another_matter(items: list[Held]) -> None:
    managing = role_managing([item.grant for item in items], ACCOUNT)
    assert (managing is None) is (not any(manages(item) for item in items))
    without = [
        replace(item.grant, permissions=tuple(replace(b, data_actions=()) for b in item.grant.permissions))
        for item in items
    ]
    assert role_allowing(without, CHAT_ACTION, ACCOUNT) is None


@given(st.lists(held(), max_size=4), st.randoms(use_true_random=False), held())
def test_order_does_not_count_and_more_roles_never_take_away(
    items: list[Held], random: object, more: Held
) -> None:
    mixed = list(items)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = found(items), found(mixed)
    assert (one is None) is (other is None)
    if one is not None and other is not None:
        assert one.created == other.created
        assert found([*items, more]) is not None


@given(
    st.lists(held(), max_size=4),
    st.sampled_from([str.upper, str.lower, str.swapcase]),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_letter_case_does_not_count(items: list[Held], scopes: object, actions: object) -> None:
    assert callable(scopes)
    assert callable(actions)
    changed = [
        replace(
            item.grant,
            scope=scopes(item.grant.scope),
            permissions=tuple(
                replace(
                    block,
                    data_actions=tuple(map(actions, block.data_actions)),
                    not_data_actions=tuple(map(actions, block.not_data_actions)),
                )
                for block in item.grant.permissions
            ),
        )
        for item in items
    ]
    allowing = role_allowing(changed, actions(CHAT_ACTION), scopes(ACCOUNT))
    assert (allowing is None) is (found(items) is None)


@given(st.lists(held(), max_size=4), st.booleans())
def test_names_and_groups_do_not_count(items: list[Held], direct: bool) -> None:  # noqa: FBT001 - drawn
    changed = [
        replace(item.grant, role_name="other", role_definition_id="x", direct=direct) for item in items
    ]
    assert (role_allowing(changed, CHAT_ACTION, ACCOUNT) is None) is (found(items) is None)


@given(st.lists(held(), max_size=4))
def test_a_role_settles_five_minutes_after_the_first_that_allows(items: list[Held]) -> None:
    right = [item.grant for item in items if allows(item)]
    until = role_settles([item.grant for item in items], CHAT_ACTION, ACCOUNT, NOW)
    ages = [grant.created for grant in right if grant.created is not None]
    if not right or len(ages) < len(right) or min(ages) + ROLE_PROPAGATION <= NOW:
        assert until is None
    else:
        assert until == min(ages) + ROLE_PROPAGATION
        assert until > NOW
