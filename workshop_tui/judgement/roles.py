"""Whether role assignments allow a data action, whatever the roles are called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workshop_tui.model import Permissions, RoleGrant

CHAT_ACTION = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
"""The data action that a chat completion needs."""
_MANAGEMENT_GROUPS = "/providers/microsoft.management/managementgroups/"
_MANAGING = "Microsoft.CognitiveServices/accounts/listKeys/action"
_OLD = datetime.min.replace(tzinfo=UTC)


def action_matches(pattern: str, action: str) -> bool:
    """Say whether an entry of a role definition covers the action: `*` stands for anything, case is equal."""
    first, *rest = pattern.casefold().split("*")
    text = action.casefold()
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    text = text[len(first) :]
    *middle, last = rest
    for piece in middle:
        place = text.find(piece)
        if place < 0:
            return False
        text = text[place + len(piece) :]
    return text.endswith(last)


def scope_covers(scope: str, resource_id: str) -> bool:
    """Say whether an assignment at `scope` reaches the resource: at it or above it.

    A management group is taken to be above: Azure lists only those that are.
    """
    above, below = scope.casefold().rstrip("/"), resource_id.casefold()
    return above == below or below.startswith(f"{above}/") or above.startswith(_MANAGEMENT_GROUPS)


def block_allows(block: Permissions, data_action: str) -> bool:
    """Say whether one permission block allows the data action; what it takes away counts in it alone."""
    allowed = any(action_matches(entry, data_action) for entry in block.data_actions)
    return allowed and not any(action_matches(entry, data_action) for entry in block.not_data_actions)


def role_allowing(grants: Iterable[RoleGrant], data_action: str, resource_id: str) -> RoleGrant | None:
    """Return the longest-standing assignment that allows the data action on the resource, if any does."""
    allowing = [
        grant
        for grant in grants
        if scope_covers(grant.scope, resource_id)
        and any(block_allows(block, data_action) for block in grant.permissions)
    ]
    return min(allowing, key=lambda grant: grant.created or _OLD, default=None)


def role_managing(grants: Iterable[RoleGrant], resource_id: str) -> RoleGrant | None:
    """Return an assignment that manages the account (as Owner and Contributor do), if there is one."""
    return role_permitting(grants, _MANAGING, resource_id)


def role_permitting(grants: Iterable[RoleGrant], action: str, resource_id: str) -> RoleGrant | None:
    """Return an assignment that allows the control-plane action on the resource, if there is one."""
    for grant in grants:
        for block in grant.permissions if scope_covers(grant.scope, resource_id) else ():
            allowed = any(action_matches(entry, action) for entry in block.actions)
            if allowed and not any(action_matches(entry, action) for entry in block.not_actions):
                return grant
    return None
