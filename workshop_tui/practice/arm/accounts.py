"""Cognitive Services accounts, their keys, and the model deployments in them."""

from __future__ import annotations

import copy
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.arm.answers import Answer, Refused, bad_request, resource_not_found

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.arm.paths import ArmPath
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.store import Store

ACCOUNT = "Microsoft.CognitiveServices/accounts"
DEPLOYMENT = "Microsoft.CognitiveServices/accounts/deployments"
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
    return _begin(arm, _merge(updated, properties), "Accepted", 200)


async def patch_account(arm: Arm, call: Call) -> Answer:
    """PATCH: what is named is changed, the rest stays."""
    updated = copy.deepcopy(_find(arm, call.path))
    if "tags" in call.body:
        updated["tags"] = call.body["tags"]
    return _begin(arm, _merge(updated, call.body.get("properties") or {}), "Accepted", 200)


def _merge(account: Body, properties: dict[str, Any]) -> Body:
    """Change the writable properties; `disableLocalAuth` is left out when false, as recorded."""
    current = account["properties"]
    subdomain = properties.get("customSubDomainName")
    if current.get("customSubDomainName") and subdomain not in {None, current["customSubDomainName"]}:
        raise bad_request("Once assigned, the custom subdomain name can't be changed.", "CustomDomainInUse")
    current.update({key: properties[key] for key in WRITABLE if properties.get(key) is not None})
    if not current.get("disableLocalAuth"):
        current.pop("disableLocalAuth", None)
    return account


def _begin(arm: Arm, account: Body, state: str, status: int) -> Answer:
    account["etag"] = _etag()
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


async def list_deployments(arm: Arm, call: Call) -> Answer:
    """GET those of an account."""
    account = _find_parent(arm, call.path)
    return Answer(body={"value": arm.resources.below(f"{account['id']}/", DEPLOYMENT)})


async def get_deployment(arm: Arm, call: Call) -> Answer:
    """GET one; a missing one is the provider's own NotFound."""
    _find_parent(arm, call.path)
    found = arm.resources.get(call.path.resource_id())
    if found is None:
        text = f"Specified resource '{call.path.resource_id()}' cannot be found."
        raise Refused(404, "NotFound", text)
    return Answer(body=found, headers={"ETag": found["etag"]})


async def put_deployment(arm: Arm, call: Call) -> Answer:
    """PUT: there at once."""
    account = _find_parent(arm, call.path)
    if account["kind"] not in CHAT_KINDS:
        raise bad_request(
            f"Accounts of kind '{account['kind']}' hold no deployments.", "InvalidResourceProperties"
        )
    model = (call.body.get("properties") or {}).get("model") or {}
    if not model.get("name"):
        raise bad_request("The deployment's model has no name.", "InvalidResourceProperties")
    sku = call.body.get("sku") or {"name": "Standard", "capacity": 1}
    known = arm.resources.get(call.path.resource_id())
    document = deployment_document(call.path.resource_id(), call.path.name, model, sku)
    arm.resources.put(document["id"], document)
    return Answer(201 if known is None else 200, document, {"ETag": document["etag"]})


async def delete_deployment(arm: Arm, call: Call) -> Answer:
    """DELETE: 200, or 204 when there was none."""
    _find_parent(arm, call.path)
    return Answer(200 if arm.resources.remove(call.path.resource_id()) else 204)


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
    subdomain = properties.get("customSubDomainName")
    base = f"{practice.addresses.openai}/"
    if name.lower() != practice.names.account_name.lower():
        base += f"{str(subdomain or f'{location}.{name}').lower()}/"
    api = "OpenAI Language Model Instance API" if kind in CHAT_KINDS else "Speech Services"
    manages = bool(properties.get("allowProjectManagement"))
    account = {
        "id": account_id,
        "name": name,
        "type": ACCOUNT,
        "etag": _etag(),
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
    return _merge(account, properties)


def deployment_document(resource_id: str, name: str, model: dict[str, Any], sku: dict[str, Any]) -> Body:
    """Return a deployment as ARM answers it."""
    capacity = int(sku.get("capacity", 1))
    chat = {
        "completion": "true",
        "maxContextToken": "16385",
        "maxOutputToken": "4096",
        "chatCompletion": "true",
        "assistants": "true",
    }
    talks = str(model.get("name", "")).startswith(("gpt", "o1", "o3", "o4"))
    return {
        "id": resource_id,
        "type": DEPLOYMENT,
        "name": name,
        "sku": {"name": str(sku.get("name", "Standard")), "capacity": capacity},
        "properties": {
            "model": {"format": "OpenAI", **model},
            "versionUpgradeOption": "OnceNewDefaultVersionAvailable",
            "currentCapacity": capacity,
            "capabilities": chat if talks else {"embeddings": "true"},
            "raiPolicyName": "Microsoft.Default",
            "provisioningState": "Succeeded",
            "rateLimits": [
                {"key": "request", "renewalPeriod": 10, "count": capacity},
                {"key": "token", "renewalPeriod": 60, "count": 1000 * capacity},
            ],
        },
        "etag": f'"{uuid.uuid4()}"',
    }


def _etag() -> str:
    return f'"{secrets.token_hex(4)}-0000-0000-0000-{secrets.token_hex(4)}0000"'


def _find(arm: Arm, path: ArmPath) -> Body:
    found = arm.resources.get(path.resource_id())
    if found is None:
        raise resource_not_found(path)
    return found


def _find_parent(arm: Arm, path: ArmPath) -> Body:
    group = f"/subscriptions/{path.subscription}/resourceGroups/{path.resource_group}"
    found = arm.resources.get(f"{group}/providers/{ACCOUNT}/{path.names[0]}")
    if found is None:
        text = (
            f"Can not perform requested operation on nested resource. Parent resource '{path.names[0]}' not "
            "found."
        )
        raise Refused(404, "ParentResourceNotFound", text, gateway=True)
    return found
