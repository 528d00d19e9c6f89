"""Cognitive Services accounts and their keys."""

from __future__ import annotations

import copy
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.arm.answers import Answer, bad_request, resource_not_found

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.arm.paths import ArmPath
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.store import Store

ACCOUNT = "Microsoft.CognitiveServices/accounts"
KEYS = "account_keys"
CHAT_KINDS = frozenset({"OpenAI", "AIServices"})
OPERATION_VERSION = "2017-04-18"
UPDATE_SECONDS = 1.0
WRITABLE = ("customSubDomainName", "publicNetworkAccess", "networkAcls", "disableLocalAuth", "apiProperties")


async def get_account(arm: Arm, call: Call) -> Answer:
    """GET one."""
    account = _find(arm, call.path)
    return Answer(body=account, headers={"ETag": account["etag"]})


async def list_accounts(arm: Arm, call: Call) -> Answer:
    """GET those of a resource group or of the subscription."""
    return Answer(body={"value": arm.resources.below(f"{call.path.scope.lower()}/", ACCOUNT)})


async def put_account(arm: Arm, call: Call) -> Answer:
    """PUT: 201 `Creating` or 200 `Accepted`, with an operation to follow."""
    known = arm.resources.get(call.path.resource_id())
    body = call.body
    if known is None:
        for each in ("location", "kind", "sku"):
            if not body.get(each):
                raise bad_request(f"The {each} property is required for this definition.", "MissingProperty")
        account = account_document(
            arm.practice,
            call.path.resource_id(),
            call.path.name,
            kind=body["kind"],
            location=str(body["location"]).lower().replace(" ", ""),
            properties=body.get("properties") or {},
            tags=body.get("tags"),
        )
        ensure_keys(arm.practice.store, account["id"])
        return _begin(arm, account, "Creating", 201)
    if body.get("kind", known["kind"]) != known["kind"]:
        raise bad_request("The account kind can't be changed.", "InvalidApiType")
    updated = copy.deepcopy(known)
    if "tags" in body:
        updated["tags"] = body["tags"]
    properties = body.get("properties") or {}
    for key in WRITABLE:
        if key not in properties and key != "customSubDomainName":
            updated["properties"].pop(key, None)
    updated["properties"].setdefault("publicNetworkAccess", "Enabled")
    return _begin(arm, _merge(arm.practice, updated, properties), "Accepted", 200)


async def patch_account(arm: Arm, call: Call) -> Answer:
    """PATCH: what is named is changed, the rest stays."""
    updated = copy.deepcopy(_find(arm, call.path))
    if "tags" in call.body:
        updated["tags"] = call.body["tags"]
    return _begin(arm, _merge(arm.practice, updated, call.body.get("properties") or {}), "Accepted", 200)


def _merge(practice: Practice, account: Body, properties: dict[str, Any]) -> Body:
    """Change the writable properties; a first subdomain gives an address.

    `disableLocalAuth` is left out when false, as recorded.
    """
    current = account["properties"]
    subdomain = properties.get("customSubDomainName")
    if current.get("customSubDomainName") and subdomain not in {None, current["customSubDomainName"]}:
        raise bad_request("Once assigned, the custom subdomain name can't be changed.", "CustomDomainInUse")
    if subdomain and not current.get("customSubDomainName"):
        own = _endpoint(practice, account["name"], account["location"], subdomain)
        current["endpoint"], shared = own, current["endpoint"]
        apis = current["endpoints"].items()
        current["endpoints"] = {api: own if url == shared else url for api, url in apis}
    current.update({key: properties[key] for key in WRITABLE if properties.get(key) is not None})
    if not current.get("disableLocalAuth"):
        current.pop("disableLocalAuth", None)
    return account


def _begin(arm: Arm, account: Body, state: str, status: int) -> Answer:
    account["etag"] = etag()
    account["properties"]["provisioningState"] = state
    with arm.practice.store.transaction():
        arm.resources.put(account["id"], account)
        operation = arm.operations.start(account["id"], UPDATE_SECONDS)
    names = arm.practice.names
    url = (
        f"{arm.practice.addresses.arm}/subscriptions/{names.subscription_id}/providers/"
        f"Microsoft.CognitiveServices/locations/{account['location']}/operationResults/{operation}"
        f"?api-version={OPERATION_VERSION}"
    )
    return Answer(status, account, {"Azure-AsyncOperation": url, "ETag": account["etag"]})


async def list_keys(arm: Arm, call: Call) -> Answer:
    """POST …/listKeys; refused while key sign-in is off (code and words from memory)."""
    account = _find(arm, call.path)
    if account["properties"].get("disableLocalAuth"):
        raise bad_request("Failed to list key. disableLocalAuth is set to be true")
    return Answer(body=ensure_keys(arm.practice.store, account["id"]))


async def regenerate_key(arm: Arm, call: Call) -> Answer:
    """POST …/regenerateKey with `{"keyName": "Key1"}`; the old key is refused at once."""
    account = _find(arm, call.path)
    name = str(call.body.get("keyName", "")).lower()
    if name not in {"key1", "key2"}:
        raise bad_request("The keyName is Key1 or Key2.", "InvalidKeyName")
    keys = {**ensure_keys(arm.practice.store, account["id"]), name: secrets.token_hex(16)}
    arm.practice.store.write(KEYS, account["id"].lower(), keys)
    return Answer(body=keys)


def ensure_keys(store: Store, account_id: str) -> dict[str, str]:
    """Return the account's two keys, made at the first call."""
    keys = store.read(KEYS, account_id.lower())
    if keys is None:
        keys = {"key1": secrets.token_hex(16), "key2": secrets.token_hex(16)}
        store.write(KEYS, account_id.lower(), keys)
    return keys


def account_document(
    practice: Practice,
    account_id: str,
    name: str,
    *,
    kind: str,
    location: str,
    properties: dict[str, Any],
    tags: dict[str, str] | None = None,
) -> Body:
    """Return an account as ARM answers it.

    A custom subdomain gives an account an endpoint of its own; the others of a region share one, which takes
    keys alone. Here all live on one listener: the first account at its root, others below a path.
    """
    base = _endpoint(practice, name, location, properties.get("customSubDomainName"))
    api = "OpenAI Language Model Instance API" if kind in CHAT_KINDS else "Speech Services"
    manages = bool(properties.get("allowProjectManagement"))
    account = {
        "id": account_id,
        "name": name,
        "type": ACCOUNT,
        "etag": etag(),
        "location": location,
        "sku": {"name": "S0"},
        "kind": kind,
        "properties": {
            "endpoint": base,
            "provisioningState": "Succeeded",
            "internalId": uuid.uuid4().hex,
            "dateCreated": practice.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            "apiProperties": {},
            "callRateLimit": {"rules": []},
            "isMigrated": False,
            "privateEndpointConnections": [],
            "publicNetworkAccess": "Enabled",
            "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
            "endpoints": {api: base, "Token Service API": base},
            **({"allowProjectManagement": manages} if kind in CHAT_KINDS else {}),
        },
        **({} if tags is None else {"tags": tags}),
    }
    return _merge(practice, account, properties)


def _endpoint(practice: Practice, name: str, location: str, subdomain: str | None) -> str:
    base = f"{practice.addresses.openai}/"
    if name.lower() == practice.names.account_name.lower():
        return base
    return f"{base}{str(subdomain or f'{location}.{name}').lower()}/"


def etag() -> str:
    """Return a fresh ETag of the form this provider uses."""
    return f'"{secrets.token_hex(4)}-0000-0000-0000-{secrets.token_hex(4)}0000"'


def _find(arm: Arm, path: ArmPath) -> Body:
    found = arm.resources.get(path.resource_id())
    if found is None:
        raise resource_not_found(path)
    return found
