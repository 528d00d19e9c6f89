"""Tenants, subscriptions, resource groups, and the list of all resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.arm.answers import Answer, Refused, bad_request, resource_group_not_found
from workshop_tui.practice.arm.operations import retry_after

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm

LISTED = ("id", "name", "type", "kind", "sku", "location", "tags", "identity")
"""What the list of resources tells of each; no properties, as ARM has it."""
DELETE_SECONDS = 15.0
"""Simulated seconds the deletion of a resource group takes; on Azure minutes."""
CLAUSE = re.compile(r"^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$", re.IGNORECASE)


REGIONS = (
    "centralus,eastasia,southeastasia,eastus,eastus2,westus,westus2,northcentralus,southcentralus,"
    "westcentralus,northeurope,westeurope,japaneast,japanwest,brazilsouth,australiasoutheast,australiaeast,"
    "westindia,southindia,centralindia,canadacentral,canadaeast,uksouth,ukwest,koreacentral,koreasouth,"
    "francecentral,southafricanorth,uaenorth,australiacentral,switzerlandnorth,germanywestcentral,"
    "norwayeast,jioindiawest,westus3,australiacentral2"
)
"""Where a resource group may be, as a recorded refusal lists them."""
LATER_REGIONS = ("swedencentral", "polandcentral", "italynorth", "spaincentral", "mexicocentral")
"""Regions that came after the recording."""


async def list_tenants(arm: Arm, _: Call) -> Answer:
    """GET /tenants."""
    tenant = arm.practice.names.tenant_id
    return Answer(
        body={
            "value": [
                {
                    "id": f"/tenants/{tenant}",
                    "tenantId": tenant,
                    "countryCode": "US",
                    "displayName": "Workshop practice",
                    "domains": ["practice.example"],
                    "tenantCategory": "Home",
                    "defaultDomain": "practice.example",
                    "tenantType": "AAD",
                }
            ]
        }
    )


async def list_subscriptions(arm: Arm, _: Call) -> Answer:
    """GET /subscriptions."""
    return Answer(body={"value": [_subscription(arm)], "count": {"type": "Total", "value": 1}})


async def get_subscription(arm: Arm, _: Call) -> Answer:
    """GET /subscriptions/S."""
    return Answer(body=_subscription(arm))


def _subscription(arm: Arm) -> Body:
    names = arm.practice.names
    return {
        "id": f"/subscriptions/{names.subscription_id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": names.subscription_id,
        "tenantId": names.tenant_id,
        "displayName": "Workshop practice",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


async def list_groups(arm: Arm, call: Call) -> Answer:
    """GET …/resourceGroups."""
    prefix = f"/subscriptions/{call.path.subscription}/"
    return Answer(body={"value": arm.resources.below(prefix, "Microsoft.Resources/resourceGroups")})


async def get_group(arm: Arm, call: Call) -> Answer:
    """GET …/resourceGroups/G; the front door has looked whether it exists."""
    return Answer(body=arm.resources.get(_group_id(call)))


async def put_group(arm: Arm, call: Call) -> Answer:
    """PUT …/resourceGroups/G: 201 for a new one, 200 for a known one."""
    group_id = _group_id(call)
    known = arm.resources.get(group_id)
    location = call.body.get("location") or (known or {}).get("location")
    if not location:
        raise bad_request("The location property is required for this definition.", "LocationRequired")
    if location.lower().replace(" ", "") not in (*REGIONS.split(","), *LATER_REGIONS):
        text = (
            f"The provided location '{location}' is not available for resource group. List of available "
            f"regions is '{REGIONS}'."
        )
        raise Refused(400, "LocationNotAvailableForResourceGroup", text, gateway=True)
    if known is not None and known["location"] != location.lower().replace(" ", ""):
        text = (
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{known['location']}'."
        )
        raise bad_request(text, "InvalidResourceGroupLocation")
    group = group_document(group_id, call.path.resource_group or "", location, call.body.get("tags"))
    arm.resources.put(group_id, group)
    return Answer(201 if known is None else 200, group)


async def delete_group(arm: Arm, call: Call) -> Answer:
    """DELETE: 202 and a Location to look at until the group and all in it are gone."""
    group = arm.resources.get(_group_id(call))
    assert group is not None  # noqa: S101  # the front door has looked
    pending = arm.operations.under_way(group["id"])
    if pending is None:
        group["properties"]["provisioningState"] = "Deleting"
        with arm.practice.store.transaction():
            arm.resources.put(group["id"], group)
            name = arm.operations.start(group["id"], DELETE_SECONDS, deletes=True)
    else:
        name = pending["name"]
    return Answer(202, None, _follow(arm, name, call.query.get("api-version", "")))


async def get_result(arm: Arm, call: Call) -> Answer:
    """GET what a deletion has come to: 202 while it lasts, then 200, both empty."""
    operation = arm.operations.get(call.path.name)
    if operation is None:
        text = f"The entity was not found: operation result '{call.path.name}'."
        raise Refused(404, "NotFound", text)
    if operation["over"]:
        return Answer(200)
    return Answer(202, None, _follow(arm, operation["name"], call.query.get("api-version", "")))


def _follow(arm: Arm, operation: str, version: str) -> dict[str, str]:
    """Return the headers that lead to an operation. Azure says 15 s; here it takes as long as it takes."""
    subscription = f"{arm.practice.addresses.arm}/subscriptions/{arm.practice.names.subscription_id}"
    return {
        "Location": f"{subscription}/operationresults/{operation}?api-version={version}",
        "Retry-After": retry_after(arm, operation),
    }


def group_document(group_id: str, name: str, location: str, tags: dict[str, str] | None) -> Body:
    """Return a resource group as ARM answers it."""
    return {
        "id": group_id,
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location.lower().replace(" ", ""),
        **({} if tags is None else {"tags": tags}),
        "properties": {"provisioningState": "Succeeded"},
    }


def _group_id(call: Call) -> str:
    return f"/subscriptions/{call.path.subscription}/resourceGroups/{call.path.resource_group}"


async def list_resources(arm: Arm, call: Call) -> Answer:
    """GET …/resources, of a subscription or a resource group, with `$filter`."""
    if call.path.resource_group is not None and arm.resources.get(_group_id(call)) is None:
        raise resource_group_not_found(call.path.resource_group)
    wanted = _clauses(call.query.get("$filter", ""))
    group = call.path.resource_group or wanted.pop("resourcegroup", None)
    prefix = f"/subscriptions/{call.path.subscription}/resourcegroups/"
    prefix += f"{group}/providers/" if group else ""
    found = [
        each
        for each in arm.resources.below(prefix)
        if "/providers/" in each["id"] and _is_top_level(each) and _matches(each, wanted)
    ]
    return Answer(body={"value": [{key: each[key] for key in LISTED if key in each} for each in found]})


def _is_top_level(resource: dict[str, Any]) -> bool:
    return str(resource["type"]).count("/") == 1


def _matches(resource: dict[str, Any], wanted: dict[str, str]) -> bool:
    values = {"resourcetype": resource["type"], "name": resource["name"], "location": resource["location"]}
    return all(str(values[key]).lower() == value.lower() for key, value in wanted.items())


def _clauses(text: str) -> dict[str, str]:
    """Take `a eq 'b' and c eq 'd'` apart; property names in lower case."""
    clauses: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else []:
        match = CLAUSE.match(part)
        if match is None or match[1].lower() not in {"resourcetype", "resourcegroup", "name", "location"}:
            raise bad_request(
                f"The practice cloud cannot filter resources by '{part.strip()}'.",
                "InvalidFilterInQueryString",
            )
        clauses[match[1].lower()] = match[2].replace("''", "'")
    return clauses
