"""Resource providers: which types and api-versions there are, as generic clients ask first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer, Refused
from workshop_tui.practice.arm.paths import CANONICAL

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Call
    from workshop_tui.practice.arm.context import Arm

API_VERSIONS = {
    "Microsoft.Authorization": ["2022-04-01"],
    "Microsoft.CognitiveServices": ["2025-06-01", "2023-05-01"],
    "Microsoft.ContainerService": ["2025-08-01", "2023-10-01"],
    "Microsoft.ManagedIdentity": ["2024-11-30", "2023-01-31"],
    "Microsoft.Resources": ["2025-04-01", "2024-11-01"],
}
"""Stable versions per provider, newest first. Any version is answered alike; these are what is advertised."""


async def get_provider(arm: Arm, call: Call) -> Answer:
    """GET /subscriptions/S/providers/NAMESPACE."""
    wanted = call.path.name.lower()
    namespace = next((each for each in API_VERSIONS if each.lower() == wanted), None)
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
                    "apiVersions": API_VERSIONS[namespace],
                    "capabilities": "SupportsTags, SupportsLocation",
                }
                for each in types
            ],
            "registrationState": "Registered",
            "registrationPolicy": "RegistrationRequired",
        }
    )
