"""Whose image it is: one that the learner put somewhere, or one that the shop brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.model import Names

_OF_THE_SHOP = "ghcr.io/azure-samples/"
"""Where the quickstart's own images come from."""


def from_elsewhere(reference: str, names: Names) -> bool:
    """Say whether an image is of a registry of the learner's own choice: ACR, GHCR, any but the workshop's.

    Nothing is known of what was pushed there, so that it counts only where a ready pod runs it.
    """
    reference = reference.removeprefix("docker-pullable://")
    registry = _registry(reference)
    known = {"", _registry(names.image), names.registry}
    return registry not in known and not is_of_the_shop(reference)


def is_of_the_shop(reference: str) -> bool:
    """Say whether an image is one that the shop brought along."""
    return reference.removeprefix("docker-pullable://").startswith(_OF_THE_SHOP)


def _registry(reference: str) -> str:
    """Return the registry that a reference names; empty where it names none (Docker Hub's short names)."""
    first, slash, _ = reference.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else ""
