"""Resource providers: which types and api-versions there are, as generic clients ask first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer, Refused
from workshop_tui.practice.arm.api_versions import versions_of
from workshop_tui.practice.arm.paths import CANONICAL

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Call
    from workshop_tui.practice.arm.context import Arm

NAMESPACES = sorted({each.partition("/")[0] for each in CANONICAL.values()})


async def get_provider(arm: Arm, call: Call) -> Answer:
    """GET /subscriptions/S/providers/NAMESPACE."""
    wanted = call.path.name.lower()
    namespace = next((each for each in NAMESPACES if each.lower() == wanted), None)
    if namespace is None:
        text = f"The resource namespace '{call.path.name}' is invalid."
        raise Refused(404, "InvalidResourceNamespace", text)
    types = [each.partition("/")[2] for each in CANONICAL.values() if each.startswith(f"{namespace}/")]
    location = arm.practice.names.location
    return Answer(
        body={
            "id": f"/subscriptions/{arm.practice.names.subscription_id}/providers/{namespace}",
            "namespace": namespace,
            "resourceTypes": [
                {
                    "resourceType": each,
                    "locations": [location],
                    "apiVersions": list(reversed(versions_of(f"{namespace}/{each}"))),
                    "capabilities": "SupportsTags, SupportsLocation",
                }
                for each in types
            ],
            "registrationState": "Registered",
            "registrationPolicy": "RegistrationRequired",
        }
    )
