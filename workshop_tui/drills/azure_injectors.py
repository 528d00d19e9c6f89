"""Fault injectors in Azure: resources, role assignments, and groups."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud import versions
from workshop_tui.cloud.errors import CONFLICT, RefusedError
from workshop_tui.cloud.waiting import while_refused
from workshop_tui.drills.drill import DrillError
from workshop_tui.drills.store import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.cloud.arm import Arm
    from workshop_tui.cloud.directory import Directory

Document = dict[str, Any]

_VERSIONS = {
    "microsoft.managedidentity": versions.IDENTITIES,
    "microsoft.authorization": versions.ROLES,
    "microsoft.containerservice": versions.CLUSTERS,
    "microsoft.cognitiveservices": versions.ACCOUNTS,
}
_BUSY = "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"
_SETTLE_SECONDS = 120.0
_LOOK_SECONDS = 0.3
_GIVEN = ("id", "name", "type", "systemData", "etag")
"""What the service itself says of a resource."""
_CHILDREN = {
    "microsoft.managedidentity/userassignedidentities": "federatedIdentityCredentials",
    "microsoft.cognitiveservices/accounts": "deployments",
}
"""What lies in a resource and goes with it."""
_ROLES = "/providers/Microsoft.Authorization"


class ArmInjector:
    """Puts, merges, patches and deletes resources, and stops clusters."""

    kind = "arm"

    def __init__(self, arm: Arm) -> None:
        """Take the way to ARM."""
        self._arm = arm

    async def keep(self, do: str, arguments: Document) -> list[Kept]:
        """Return the resource as it is, and on deleting it what lies in it."""
        path = str(arguments["path"])
        kept = [Kept(self.kind, path, await self._arm.get(path, _version(path)))]
        inner = _CHILDREN.get(_type_of(path)) if do == "delete" else None
        if inner is not None:
            children = await self._arm.list(f"{path}/{inner}", _version(path))
            kept += [Kept(self.kind, child["id"], child) for child in children]
        return kept

    async def make(self, do: str, arguments: Document) -> object:
        """Send it, and wait until it has come about."""
        path, body = str(arguments["path"]), arguments.get("body")
        match do:
            case "put":
                return await self._send("PUT", path, body)
            case "patch":
                return await self._send("PATCH", path, body)
            case "merge":
                live = await self._arm.get(path, _version(path))
                if live is None:
                    raise DrillError(f"There is no {path} here, which this drill changes.")
                return await self._send("PUT", path, merge(live, body))
            case "stop":
                return await self._send("POST", path, verb="stop")
            case _:
                return await self._send("DELETE", path)

    async def put_back(self, kept: Kept) -> None:
        """Delete what was not there; else put what was, unless it is so already."""
        live = await self._arm.get(kept.key, _version(kept.key))
        if kept.before is None:
            if live is not None:
                await self._send("DELETE", kept.key)
            return
        if live is not None and _power(live) != _power(kept.before):
            live = await self._send("POST", kept.key, verb="start" if _power(live) == "Stopped" else "stop")
        if live is not None and _own(live) == _own(kept.before):
            return
        if live is not None and _type_of(kept.key) == "microsoft.cognitiveservices/accounts":
            await self._send("PATCH", kept.key, _account_patch(kept.before, live))
            return
        await self._send("PUT", kept.key, _own(kept.before))

    async def _send(
        self, method: str, path: str, body: Document | None = None, *, verb: str = ""
    ) -> Document:
        version = _version(path)

        async def send() -> Any:  # noqa: ANN401 - the SDK's own answer
            return await self._arm.send(method, f"{path}/{verb}" if verb else path, version, body=body)

        await self._settled(path)
        response = await while_refused(_BUSY, send)
        async with aclosing(self._arm.follow(response)) as statuses:
            async for _ in statuses:
                pass
        return await self._settled(path) or {}

    async def _settled(self, path: str) -> Document | None:
        """Return the resource once nothing is under way at it."""
        async with asyncio.timeout(_SETTLE_SECONDS):
            while True:
                found = await self._arm.get(path, _version(path))
                state = ((found or {}).get("properties") or {}).get("provisioningState", "Succeeded")
                if state in ("Succeeded", "Failed", "Canceled"):
                    return found
                await asyncio.sleep(_LOOK_SECONDS)  # ARM tells nobody when a resource has settled


class RoleInjector:
    """Assigns roles and takes them away."""

    kind = "role"

    def __init__(self, arm: Arm) -> None:
        """Take the way to ARM."""
        self._arm = arm

    async def keep(self, do: str, arguments: Document) -> list[Kept]:
        """Return the assignments that will go; or decide the id of the one that will come."""
        if do == "add":
            arguments["id"] = f"{arguments['scope']}{_ROLES}/roleAssignments/{uuid.uuid4()}"
            return [Kept(self.kind, arguments["id"], None)]
        return [Kept(self.kind, item["id"], item) for item in await self._meant(arguments)]

    async def make(self, do: str, arguments: Document) -> object:
        """Assign, or take away."""
        if do == "add":
            properties = {
                "roleDefinitionId": await self._definition(arguments["role"], arguments["scope"]),
                "principalId": arguments["principal"],
                "principalType": arguments.get("principal_type", "ServicePrincipal"),
            }
            await self._put(arguments["id"], properties)
            return None
        found = await self._meant(arguments)
        if not found:
            raise DrillError(
                "The role that this drill takes away is not assigned to the identity itself here:"
                " it has it in another way."
            )
        for item in found:
            await self._arm.send("DELETE", item["id"], versions.ROLES)
        return None

    async def put_back(self, kept: Kept) -> None:
        """Delete the assignment that was not there; assign again what was."""
        live = await self._arm.get(kept.key, versions.ROLES)
        if kept.before is None:
            if live is not None:
                await self._arm.send("DELETE", kept.key, versions.ROLES)
            return
        if live is not None:
            return
        before = kept.before["properties"]
        try:
            names = ("roleDefinitionId", "principalId", "principalType", "condition", "conditionVersion")
            await self._put(kept.key, {name: before[name] for name in names if before.get(name)})
        except RefusedError as error:
            # The same role assigned under another id, or to a principal that is gone: nothing to put back.
            if error.refusal.status != CONFLICT and error.refusal.code != "PrincipalNotFound":
                raise

    async def _put(self, assignment: str, properties: Mapping[str, Any]) -> None:
        await while_refused(
            "PrincipalNotFound",
            lambda: self._arm.send("PUT", assignment, versions.ROLES, body={"properties": properties}),
        )

    async def _meant(self, arguments: Document) -> list[Document]:
        """Return the principal's own assignments at or above the account, of the role and at the scope."""
        wanted = str(arguments.get("scope", "")).lower()
        definition = (
            await self._definition(arguments["role"], arguments["account"]) if "role" in arguments else ""
        )
        found = await self._arm.list(
            f"{arguments['account']}{_ROLES}/roleAssignments",
            versions.ROLES,
            **{"$filter": f"principalId eq '{arguments['principal']}'"},
        )
        return [
            item
            for item in found
            if (not wanted or item["properties"]["scope"].lower() == wanted)
            and (not definition or _last(item["properties"]["roleDefinitionId"]) == _last(definition))
        ]

    async def _definition(self, role: str, scope: str) -> str:
        """Return a role definition's id: as it is, or found by the role's name."""
        if role.startswith("/"):
            return role
        name = role.replace("'", "''")
        found = await self._arm.list(
            f"{scope}{_ROLES}/roleDefinitions", versions.ROLES, **{"$filter": f"roleName eq '{name}'"}
        )
        if not found:
            raise DrillError(f"There is no role called {role} here.")
        return str(found[0]["id"])


class GroupInjector:
    """Makes a security group with one member; a role of the group is then its member's."""

    kind = "group"

    def __init__(self, directory: Directory) -> None:
        """Take the way to the tenant's groups."""
        self._directory = directory

    async def keep(self, do: str, arguments: Document) -> list[Kept]:
        """Decide the nickname by which the group is found again."""
        del do
        arguments["nickname"] = f"drill-{uuid.uuid4()}"
        return [Kept(self.kind, arguments["nickname"], None)]

    async def make(self, do: str, arguments: Document) -> object:
        """Make the group and return it."""
        del do
        group = await self._directory.create_group(arguments["name"], arguments["nickname"])
        await self._directory.add_member(group["id"], arguments["member"])
        return group

    async def put_back(self, kept: Kept) -> None:
        """Delete the group, if it is there."""
        for group in await self._directory.groups_called(kept.key):
            await self._directory.delete_group(group)


def merge(live: object, patch: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return RFC 7396's merge of a patch over a document."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(live) if isinstance(live, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def _account_patch(before: Document, live: Document) -> Document:
    """Return what changes an account back; a switch that is off is left out of its document."""
    was, now = before.get("properties", {}), live.get("properties", {})
    names = ("disableLocalAuth", "publicNetworkAccess", "networkAcls")
    changed = {
        name: was.get(name, False if isinstance(now.get(name), bool) else None)
        for name in names
        if was.get(name) != now.get(name)
    }
    return {"properties": changed}


def _own(document: Document) -> Document:
    """Return what a person may write of a resource."""
    own = {key: value for key, value in document.items() if key not in _GIVEN}
    properties = dict(own.get("properties") or {})
    properties.pop("provisioningState", None)
    return {**own, "properties": properties}


def _power(document: Document) -> str:
    """Return whether a cluster is `Running` or `Stopped`; nothing of what cannot be stopped."""
    return str(((document.get("properties") or {}).get("powerState") or {}).get("code", ""))


def _type_of(path: str) -> str:
    """Return a resource's type in lower case, as `provider/type/type`; of a group an empty string."""
    _, _, after = path.lower().rpartition("/providers/")
    parts = after.split("/")
    return "/".join(parts[:1] + parts[1::2]) if after else ""


def _version(path: str) -> str:
    return _VERSIONS.get(_type_of(path).partition("/")[0], versions.GROUPS)


def _last(path: str) -> str:
    return path.rpartition("/")[2].lower()
