"""The names there are to choose from, read over the practice cloud's own ARM as if it were Azure."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from workshop_tui.choosing import Choosing, Chosen, Question
from workshop_tui.cloud import open_inventory, versions
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import ACCOUNTS
from workshop_tui.cloud.tokens import Tokens
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.cloud import Cloud
    from workshop_tui.target import Target


@pytest.fixture
def unnamed(target: Target) -> Target:
    """As Azure is before anything is chosen."""
    return replace(target, kind="azure", names=replace(target.names, subscription_id=""))


async def test_the_one_of_each_is_found_and_speech_is_not_taken(target: Target, unnamed: Target) -> None:
    told: list[str] = []
    async with open_inventory(unnamed) as reader:
        move = await Choosing(reader, {}).go_on(told.append)
        requests = reader.requests
    assert isinstance(move, Chosen)
    assert move.names["subscription_id"] == target.names.subscription_id
    assert move.names["resource_group"] == target.names.resource_group
    assert all(move.names.values())
    assert "speech" not in move.names["account"]
    assert len(told) == 4
    assert requests <= 8, "a sign-in, two lists, three lists, and one of accounts and of models"


async def test_a_second_group_with_an_account_is_asked_about(cloud: Cloud, unnamed: Target) -> None:
    arm = cast("Arm", cloud.services()[Arm])
    group = f"{arm.subscription}/resourceGroups/secondGroup"
    await arm.send("PUT", group, versions.GROUPS, body={"location": "westus"})
    body = {"location": "westus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
    try:
        await arm.send("PUT", f"{group}/providers/{ACCOUNTS}/bare", versions.ACCOUNTS, body=body)
        async with open_inventory(unnamed) as reader:
            choosing = Choosing(reader, {})
            move = await choosing.go_on(lambda _: None)
            assert isinstance(move, Question)
            assert move.name == "resource_group"
            assert [each.value for each in move.candidates] == [unnamed.names.resource_group, "secondGroup"]
            assert move.candidates[1].note == "no AKS cluster"
            choosing.answer(move, "secondGroup")
            move = await choosing.go_on(lambda _: None)
            assert isinstance(move, Chosen)
            assert (move.names["cluster"], move.names["account"]) == ("", "bare")
            assert move.names["model_deployment"] == ""
    finally:
        await arm.send("DELETE", group, versions.GROUPS)


async def test_az_adds_the_subscriptions_of_other_tenants(
    cloud: Cloud, unnamed: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = cast("Tokens", cloud.services()[Tokens])
    token = {"accessToken": await tokens.token(unnamed.arm_scope), "expires_on": int(time.time()) + 3600}
    here = cast("Arm", cloud.services()[Arm]).subscription.rpartition("/")[2]
    known = [
        {"id": here, "name": "old name", "tenantId": unnamed.tenant_id, "isDefault": True},
        {"id": "far", "name": "Far", "tenantId": "other", "tenantDisplayName": "Contoso", "state": "Enabled"},
        {"id": "mooncake", "name": "Elsewhere", "tenantId": "third", "cloudName": "AzureChinaCloud"},
    ]
    az = tmp_path / "az"
    az.write_text(
        '#!/bin/sh\ncase "$2" in\n'
        f"get-access-token) echo '{json.dumps(token)}';;\nlist) echo '{json.dumps(known)}';;\nesac\n"
    )
    az.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    async with open_inventory(replace(unnamed, sign_in=None)) as reader:
        found = await reader.subscriptions()
    assert [(each.id, each.tenant, each.default) for each in found] == [
        (here, "Workshop practice", True),
        ("far", "Contoso", False),
    ]
    assert found[0].name == "Workshop practice", "ARM's own word comes before what az remembers"


async def test_an_azure_that_does_not_answer_is_told_as_such(unnamed: Target) -> None:
    nowhere = replace(unnamed, arm="https://127.0.0.1:9", authority="https://127.0.0.1:9")
    async with open_inventory(nowhere) as reader:
        with pytest.raises(ReadFailure, match="your sign-in: Entra ID could not be asked") as caught:
            await Choosing(reader, {}).go_on(lambda _: None)
    assert caught.value.unreadable.cause == "reading.unreachable"
