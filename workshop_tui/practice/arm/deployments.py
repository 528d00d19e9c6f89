"""Model deployments in Cognitive Services accounts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.arm.accounts import ACCOUNT, CHAT_KINDS
from workshop_tui.practice.arm.answers import Answer, Refused, bad_request

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.arm.paths import ArmPath

DEPLOYMENT = "Microsoft.CognitiveServices/accounts/deployments"


async def list_deployments(arm: Arm, call: Call) -> Answer:
    """GET those of an account."""
    account = find_parent(arm, call.path)
    return Answer(body={"value": arm.resources.below(f"{account['id']}/", DEPLOYMENT)})


async def get_deployment(arm: Arm, call: Call) -> Answer:
    """GET one; a missing one is the provider's own NotFound."""
    find_parent(arm, call.path)
    found = arm.resources.get(call.path.resource_id())
    if found is None:
        text = f"Specified resource '{call.path.resource_id()}' cannot be found."
        raise Refused(404, "NotFound", text)
    return Answer(body=found, headers={"ETag": found["etag"]})


async def put_deployment(arm: Arm, call: Call) -> Answer:
    """PUT: there at once."""
    account = find_parent(arm, call.path)
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
    find_parent(arm, call.path)
    return Answer(200 if arm.resources.remove(call.path.resource_id()) else 204)


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


def find_parent(arm: Arm, path: ArmPath) -> Body:
    """Return the account that a path below it names, or refuse."""
    group = f"/subscriptions/{path.subscription}/resourceGroups/{path.resource_group}"
    found = arm.resources.get(f"{group}/providers/{ACCOUNT}/{path.names[0]}")
    if found is None:
        text = (
            f"Can not perform requested operation on nested resource. Parent resource '{path.names[0]}' not "
            "found."
        )
        raise Refused(404, "ParentResourceNotFound", text, gateway=True)
    return found
