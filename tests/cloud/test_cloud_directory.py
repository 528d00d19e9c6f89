"""A role that comes through a group counts as its members', for the facts as for the account."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from look_around import must_read

from workshop_tui.authoring import (
    CHAT_ACTION,
    OPENAI_USER_ROLE,
    ActionError,
    AzureChanges,
    role_allowing,
)
from workshop_tui.cloud.directory import Directory
from workshop_tui.model import LearnerRoles, OpenAIAccount, SignedIn

if TYPE_CHECKING:
    from workshop_tui.authoring import RoleGrant
    from workshop_tui.cloud import Cloud
    from workshop_tui.target import Target


async def test_a_member_has_the_groups_role_until_the_group_is_gone(cloud: Cloud, target: Target) -> None:
    directory: Directory = cloud.services()[Directory]  # type: ignore[assignment]
    azure: AzureChanges = cloud.services()[AzureChanges]  # type: ignore[assignment]
    account = await must_read(cloud, target, OpenAIAccount)
    person = await must_read(cloud, target, SignedIn)

    async def through_groups() -> list[RoleGrant]:
        roles = await must_read(cloud, target, LearnerRoles)
        return [grant for grant in roles.grants if not grant.direct]

    nickname = f"writers-{uuid.uuid4()}"
    group = (await directory.create_group("Writers", nickname))["id"]
    assert await directory.groups_called(nickname) == [group]
    await azure.assign_role(
        scope=account.id, role=OPENAI_USER_ROLE, principal_id=group, principal_kind="Group"
    )
    assert await through_groups() == []
    await directory.add_member(group, person.object_id)
    assert role_allowing(await through_groups(), CHAT_ACTION, account.id) is not None

    await directory.delete_group(group)
    await directory.delete_group(group)
    assert await through_groups() == []
    assert await directory.groups_called(nickname) == []


async def test_what_graph_refuses_is_told_in_its_own_words(cloud: Cloud) -> None:
    directory: Directory = cloud.services()[Directory]  # type: ignore[assignment]
    with pytest.raises(ActionError, match="HTTP 404 Request_ResourceNotFound"):
        await directory.add_member(str(uuid.uuid4()), str(uuid.uuid4()))
