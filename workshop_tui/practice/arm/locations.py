"""The regions of the public cloud, by the names people read; code names follow from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Call
    from workshop_tui.practice.arm.context import Arm

DISPLAY_NAMES = (
    *("East US", "East US 2", "South Central US", "West US 2", "West US 3", "Australia East"),
    *("Southeast Asia", "North Europe", "Sweden Central", "UK South", "West Europe", "Central US"),
    *("South Africa North", "Central India", "East Asia", "Japan East", "Korea Central", "Canada Central"),
    *("France Central", "Germany West Central", "Italy North", "Norway East", "Poland Central"),
    *(
        "Spain Central",
        "Switzerland North",
        "Mexico Central",
        "UAE North",
        "Brazil South",
        "North Central US",
    ),
    *("West US", "Japan West", "West Central US", "Australia Central", "Australia Central 2"),
    *("Australia Southeast", "Jio India West", "Korea South", "South India", "West India", "Canada East"),
    "UK West",
)


async def list_locations(arm: Arm, _: Call) -> Answer:
    """GET /subscriptions/S/locations."""
    subscription = f"/subscriptions/{arm.practice.names.subscription_id}"
    value = [
        {
            "id": f"{subscription}/locations/{code_name(each)}",
            "name": code_name(each),
            "type": "Region",
            "displayName": each,
            "regionalDisplayName": each,
            "metadata": {"regionType": "Physical"},
        }
        for each in DISPLAY_NAMES
    ]
    return Answer(body={"value": value})


def code_name(display_name: str) -> str:
    """Return the name requests use."""
    return display_name.lower().replace(" ", "")
