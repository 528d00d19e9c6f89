"""Who may do what: role assignments that reach a resource, with what their definitions allow."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud import versions
from workshop_tui.cloud.errors import reading
from workshop_tui.cloud.text import clean
from workshop_tui.model import RoleGrant
from workshop_tui.model.azure import Permissions

if TYPE_CHECKING:
    from workshop_tui.cloud.arm import Arm


class RoleDefinitions:
    """The role definitions of one pass, each read once."""

    def __init__(self, arm: Arm) -> None:
        """Take the way to ARM."""
        self._arm = arm
        self._reads: dict[str, asyncio.Task[dict[str, Any] | None]] = {}

    async def read(self, definition_id: str) -> dict[str, Any] | None:
        """Return the definition's document, or None where it has been deleted."""
        key = definition_id.lower()
        if key not in self._reads:
            self._reads[key] = asyncio.create_task(self._arm.get(definition_id, versions.ROLES))
        return await asyncio.shield(self._reads[key])


async def grants(
    arm: Arm, definitions: RoleDefinitions, *, principal_id: str, scope: str
) -> tuple[RoleGrant, ...]:
    """Return the principal's assignments at the scope or above it, those through groups included.

    `assignedTo` is the filter that follows groups; it also lists what lies below the scope, which reaches
    nothing at the scope itself and is left out.
    """
    with reading(f"the role assignments on {scope.rpartition('/')[2]}"):
        found = await arm.list(
            f"{scope}/providers/Microsoft.Authorization/roleAssignments",
            versions.ROLES,
            **{"$filter": f"assignedTo('{principal_id}')"},
        )
        reaching = [item for item in found if reaches(item["properties"]["scope"], scope)]
        documents = await asyncio.gather(
            *(definitions.read(item["properties"]["roleDefinitionId"]) for item in reaching)
        )
    return tuple(
        _grant(item, document, principal_id) for item, document in zip(reaching, documents, strict=True)
    )


async def all_grants(arm: Arm, definitions: RoleDefinitions, *, scope: str) -> tuple[RoleGrant, ...]:
    """Return everybody's assignments at the scope and below it."""
    with reading(f"the role assignments on {scope.rpartition('/')[2]}"):
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
        listed = await arm.list(path, versions.ROLES)
        found = [item for item in listed if reaches(scope, item["properties"]["scope"])]
        documents = await asyncio.gather(
            *(definitions.read(item["properties"]["roleDefinitionId"]) for item in found)
        )
    return tuple(
        _grant(item, document, str(item["properties"].get("principalId", "")))
        for item, document in zip(found, documents, strict=True)
    )


def reaches(assigned: str, scope: str) -> bool:
    """Return whether an assignment at `assigned` counts at `scope`.

    Above a subscription stand only management groups, named by no part of the scope, and the root: ARM lists
    those at a scope only where they hold it.
    """
    upper = assigned.lower().rstrip("/")
    if not upper or upper.startswith("/providers/microsoft.management/managementgroups/"):
        return True
    return f"{scope.lower()}/".startswith(f"{upper}/")


def _grant(item: dict[str, Any], definition: dict[str, Any] | None, principal_id: str) -> RoleGrant:
    properties = item["properties"]
    role = (definition or {}).get("properties", {})
    holder = str(properties.get("principalId", ""))
    return RoleGrant(
        id=item["id"],
        scope=clean(properties["scope"], limit=1000),
        role_name=clean(role.get("roleName", "")) or "(a role that was deleted)",
        role_definition_id=str(properties["roleDefinitionId"]),
        principal_id=holder,
        permissions=tuple(
            Permissions(
                tuple(block.get("actions") or ()),
                tuple(block.get("notActions") or ()),
                tuple(block.get("dataActions") or ()),
                tuple(block.get("notDataActions") or ()),
            )
            for block in role.get("permissions") or ()
        ),
        created=moment(properties.get("createdOn")),
        direct=holder.lower() == principal_id.lower(),
        condition=clean(properties.get("condition") or ""),
    )


def moment(text: object) -> datetime | None:
    """Read Azure's time stamps, which may have seven digits after the point; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
