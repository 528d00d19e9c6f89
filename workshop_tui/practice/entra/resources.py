"""The resources access tokens are for, and how their names appear in scopes and audiences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.context import Addresses

COGNITIVE_SERVICES = "https://cognitiveservices.azure.com"


def audiences_of_arm(addresses: Addresses) -> frozenset[str]:
    """Return the audiences ARM accepts: the practice address, and the public cloud's two names."""
    return frozenset({addresses.arm, "https://management.azure.com", "https://management.core.windows.net"})


def audiences_of_graph(addresses: Addresses) -> frozenset[str]:
    """Return the audiences Graph accepts."""
    return frozenset({addresses.graph, "https://graph.microsoft.com"})


def known_audiences(addresses: Addresses) -> frozenset[str]:
    """Return every audience a token can be had for."""
    return (
        audiences_of_arm(addresses) | audiences_of_graph(addresses) | {COGNITIVE_SERVICES, addresses.openai}
    )


def same_audience(audience: object, accepted: frozenset[str]) -> bool:
    """Compare as Azure's services do: a trailing slash makes no difference."""
    return isinstance(audience, str) and audience.rstrip("/") in accepted
