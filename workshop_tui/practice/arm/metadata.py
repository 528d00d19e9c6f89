"""What `az cloud register` asks for first: the addresses of a cloud. Anybody may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workshop_tui.practice.context import Addresses


def cloud_metadata(addresses: Addresses, tenant_id: str) -> dict[str, Any]:
    """Return the answer of `/metadata/endpoints` since api-version 2022-09-01: one object."""
    return {
        "name": "Practice",
        "portal": addresses.shop,
        "authentication": {
            "loginEndpoint": addresses.entra,
            "audiences": [addresses.arm],
            "tenant": tenant_id,
            "identityProvider": "AAD",
        },
        "graphAudience": f"{addresses.graph}/",
        "graph": f"{addresses.graph}/",
        "microsoftGraphResourceId": f"{addresses.graph}/",
        "resourceManager": addresses.arm,
        "suffixes": {},
    }
