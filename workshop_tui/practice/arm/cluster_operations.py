"""Where long-running operations of the two providers that have some are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer, Refused
from workshop_tui.practice.arm.operations import retry_after

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm

OPERATION_VERSION = "2025-03-01"


async def get_operation(arm: Arm, call: Call) -> Answer:
    """GET an operation of either provider.

    Azure sends no Retry-After here and clients then look every 30 s; the practice cloud's operations take
    seconds, so it does say when to look again.
    """
    operation = _find(arm, call)
    body: Body = {
        "name": operation["name"],
        "status": arm.operations.status(operation),
        "startTime": operation["start"],
    }
    if call.path.provider == "Microsoft.CognitiveServices":
        body = {"id": call.path.resource_id(), **body}
    if operation["over"]:
        return Answer(body={**body, "endTime": operation["end"]})
    return Answer(body=body, headers={"Retry-After": retry_after(arm, operation["name"])})


async def get_result(arm: Arm, call: Call) -> Answer:
    """GET what a deletion has come to: 202 while it lasts, then 204 (from memory: not in the recordings)."""
    operation = _find(arm, call)
    if operation["over"]:
        return Answer(204)
    result = operation_url(arm, operation["name"]).replace("/operations/", "/operationresults/")
    headers = {"Location": result, "Retry-After": retry_after(arm, operation["name"])}
    return Answer(202, None, headers)


def operation_url(arm: Arm, operation: str) -> str:
    """Return where a cluster's operation is looked at."""
    names = arm.practice.names
    return (
        f"{arm.practice.addresses.arm}/subscriptions/{names.subscription_id}/providers/"
        f"Microsoft.ContainerService/locations/{names.location}/operations/{operation}"
        f"?api-version={OPERATION_VERSION}"
    )


def _find(arm: Arm, call: Call) -> Body:
    operation = arm.operations.get(call.path.name)
    if operation is None:
        raise Refused(404, "NotFound", f"The entity was not found: operation '{call.path.name}'.", flat=True)
    return operation
