"""What goes with a resource that is deleted: what lies below it, its keys, its principal, its assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.arm.accounts import KEYS
from workshop_tui.practice.arm.answers import Answer
from workshop_tui.practice.rbac import ASSIGNMENT, is_within

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Call
    from workshop_tui.practice.arm.context import Arm

IDENTITY = "microsoft.managedidentity/userassignedidentities"


async def delete_account(arm: Arm, call: Call) -> Answer:
    """DELETE an account with its deployments and keys: 200 at once, as recorded; 204 when there was none."""
    return Answer(200 if remove(arm, call.path.resource_id()) else 204)


def remove(arm: Arm, resource_id: str) -> bool:
    """Delete a resource or a resource group with all that depends on it; say whether there was one."""
    store = arm.practice.store
    with store.transaction():
        below = arm.resources.below(f"{resource_id}/")
        whole = [*below, *([found] if (found := arm.resources.get(resource_id)) else [])]
        for each in whole:
            if each["type"].lower() == IDENTITY:
                arm.directory.remove(each["properties"]["principalId"])
            store.remove(KEYS, each["id"].lower())
        for assignment in arm.access.assignments():
            if is_within(assignment.scope, resource_id):
                store.remove(ASSIGNMENT, assignment.id.lower())
        return arm.resources.remove(resource_id)
