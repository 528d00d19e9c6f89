"""What the sign-in can see in Azure, read one list at a time: only looks, and only what is asked for next."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud import versions
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import ACCOUNTS, CLUSTERS, Azure
from workshop_tui.cloud.errors import reading
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.cloud.processes import CommandError, run_command
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.tokens import Tokens
from workshop_tui.model import OpenAIAccount, ResourceGroup
from workshop_tui.model.inventory import Holdings, Inventory, Listed, Subscription
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from azure.core.credentials_async import AsyncTokenCredential

    from workshop_tui.model.inventory import Need
    from workshop_tui.target import Target

_AZ_SECONDS = 10.0
"""How long az may take to list what it knows; a cold machine needs some seconds."""
_CLOUD = "AzureCloud"


class InventoryReader:
    """Reads the inventory's parts. A tenant is signed in to when something of it is asked for."""

    def __init__(self, target: Target, guard: RequestGuard, stack: AsyncExitStack) -> None:
        """Take where Azure is, what every request passes, and what closes the clients."""
        self._target = target
        self._guard = guard
        self._stack = stack
        self._arms: dict[str, Arm] = {}

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, sign-in and retries included."""
        return self._guard.passed

    async def read(self, need: Need, inventory: Inventory) -> Inventory:
        """Return the inventory with what was needed in it.

        Raises:
            ReadFailure: it could not be read.

        """
        if need.what == "subscriptions":
            return replace(inventory, subscriptions=await self.subscriptions())
        subscription = need.subscription
        assert subscription is not None  # noqa: S101 - for the type checker: all others lie in one
        if need.what == "holdings":
            found = await self.holdings(subscription)
            return replace(inventory, holdings={**inventory.holdings, subscription.id.lower(): found})
        if need.what == "accounts":
            azure = Azure(await self._arm(subscription), need.name, subscription=subscription.id)
            accounts = tuple(await azure.accounts())
            return replace(inventory, accounts={**inventory.accounts, need.id.lower(): accounts})
        azure = Azure(await self._arm(subscription), "")
        account = OpenAIAccount(need.id, need.name, "", "", "", None, key_sign_in=False)
        models = tuple(await azure.chat_deployments(account))
        return replace(inventory, deployments={**inventory.deployments, need.id.lower(): models})

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """List the subscriptions of the sign-in's tenant, and those of other tenants that az knows.

        ARM tells those of the token's tenant alone; az keeps those of every tenant it was signed in to.
        """
        arm = await self._arm(None)
        with reading("your subscriptions"):
            listed, tenants, known = await _together(
                arm.list("/subscriptions", versions.SUBSCRIPTIONS), _tenants(arm), self._of_az()
            )
        for item in listed:  # this sign-in reaches them all
            self._arms.setdefault(clean(item.get("tenantId", "")), arm)
        seen = {str(item["subscriptionId"]).lower() for item in listed if item.get("subscriptionId")}
        default = next((str(item["id"]).lower() for item in known if item.get("isDefault")), "")
        documents = [
            *(item | {"id": item["subscriptionId"]} for item in listed if item.get("subscriptionId")),
            *(item for item in known if str(item["id"]).lower() not in seen),
        ]
        return tuple(_subscription(item, tenants, default) for item in documents)

    async def holdings(self, subscription: Subscription) -> Holdings:
        """List what of the workshop's kinds a subscription holds, and its groups.

        ARM's list of resources shows each what he may see; the providers' own lists want a right on the whole
        subscription.
        """
        arm = await self._arm(subscription)
        path = f"/subscriptions/{subscription.id}"
        with reading(f"the resources of {subscription.name}"):
            groups, clusters, accounts = await _together(
                arm.list(f"{path}/resourcegroups", versions.GROUPS),
                *(
                    arm.list(f"{path}/resources", versions.GROUPS, **{"$filter": f"resourceType eq '{kind}'"})
                    for kind in (CLUSTERS, ACCOUNTS)
                ),
            )
        return Holdings(
            tuple(
                ResourceGroup(item["id"], clean(item["name"]), clean(item.get("location", "")))
                for item in groups
            ),
            tuple(_listed(item) for item in clusters),
            tuple(_listed(item) for item in accounts),
        )

    async def _arm(self, subscription: Subscription | None) -> Arm:
        """Return the way to the subscription's tenant, or to that of the sign-in's own choice."""
        tenant = subscription.tenant_id if subscription else ""
        if tenant not in self._arms:
            name = subscription.id if subscription else ""
            target = replace(self._target, names=replace(self._target.names, subscription_id=name))
            tokens = await self._stack.enter_async_context(Tokens(lambda: self._credential(name)))
            arm = self._arms[tenant] = Arm(target, tokens, self._guard)
            self._stack.push_async_callback(arm.close)
        return self._arms[tenant]

    def _credential(self, subscription: str) -> AsyncTokenCredential:
        from workshop_tui.cloud.az_credential import AzCredential  # noqa: PLC0415 - heavy
        from workshop_tui.cloud.transport import GuardedTransport  # noqa: PLC0415 - heavy

        return self._target.credential(
            az=AzCredential(subscription),
            transport=GuardedTransport(self._target, self._guard, self._target.authority),
        )

    async def _of_az(self) -> list[dict[str, Any]]:
        """Return the subscriptions az knows of, from its own files, where it signs us in."""
        az = shutil.which("az")
        other = os.environ.get("AZURE_CLIENT_ID") or os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
        if az is None or other or self._target.sign_in is not None:
            return []
        try:
            told = await run_command(
                [az, "account", "list", "--only-show-errors", "--output", "json"],
                seconds=_AZ_SECONDS,
                environment={**os.environ, "AZURE_CORE_NO_COLOR": "true"},
                leave_seconds=0.2,
            )
            document = json.loads(told)
        except (CommandError, ValueError):
            return []  # what ARM lists is what counts; these only add to it
        return [
            item
            for item in (document if isinstance(document, list) else ())
            if isinstance(item, dict) and item.get("id") and item.get("cloudName", _CLOUD) == _CLOUD
        ]


@asynccontextmanager
async def open_inventory(target: Target) -> AsyncIterator[InventoryReader]:
    """Open a reader that only looks; nothing is sent before the first list is asked for."""
    async with AsyncExitStack() as stack:
        yield InventoryReader(target, RequestGuard(read_only=True), stack)


async def _together(*reads: Any) -> Any:  # noqa: ANN401 - each what it is
    """Wait for all reads and return their answers; the first failure counts once all have ended."""
    found = await asyncio.gather(*reads, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found


async def _tenants(arm: Arm) -> dict[str, str]:
    """Return the tenants' names by id, as far as they can be had: they only make ids readable."""
    try:
        with reading("your tenants"):
            found = await arm.list("/tenants", versions.SUBSCRIPTIONS)
    except ReadFailure:
        return {}
    return {str(item.get("tenantId", "")): clean(item.get("displayName", "")) for item in found}


def _subscription(item: dict[str, Any], tenants: dict[str, str], default: str) -> Subscription:
    tenant = clean(item.get("tenantId", ""))
    return Subscription(
        id=clean(item["id"]),
        name=clean(item.get("displayName") or item.get("name") or item["id"]),
        tenant_id=tenant,
        tenant=tenants.get(tenant) or clean(item.get("tenantDisplayName") or tenant),
        state=clean(item.get("state", "Enabled")),
        default=str(item["id"]).lower() == default,
    )


def _listed(item: dict[str, Any]) -> Listed:
    parts: Sequence[str] = str(item["id"]).split("/")
    return Listed(
        id=str(item["id"]),
        name=clean(item["name"]),
        group=clean(parts[4]) if len(parts) > 4 else "",  # noqa: PLR2004 - /subscriptions/S/resourceGroups/G
        location=clean(item.get("location", "")),
        kind=clean(item.get("kind") or ""),
    )
