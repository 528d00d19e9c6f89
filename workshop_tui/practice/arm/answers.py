"""What handlers take and return, and ARM's own refusals (bodies as recorded)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workshop_tui.practice.access_tokens import Identity
    from workshop_tui.practice.arm.paths import ArmPath

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated and authorized request."""

    method: str
    path: ArmPath
    query: dict[str, str]
    body: Body
    identity: Identity


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body (None for an empty one), headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818  # it is Azure's answer, not a fault of ours
    """A request refused as ARM or a resource provider refuses it.

    `flat` leaves the envelope out, as the AKS resource provider does.
    """

    def __init__(
        self, status: int, code: str, message: str, *, flat: bool = False, gateway: bool = False
    ) -> None:
        super().__init__(message)
        content: Body = {"code": code, "message": message}
        headers = {"x-ms-failure-cause": "gateway"} if gateway else {}
        body = {**content, "details": None, "subcode": ""} if flat else {"error": content}
        self.answer = Answer(status, body, headers)


def resource_group_not_found(name: str) -> Refused:
    """No such resource group."""
    text = f"Resource group '{name}' could not be found."
    return Refused(404, "ResourceGroupNotFound", text, gateway=True)


def resource_not_found(path: ArmPath) -> Refused:
    """No such resource, as the gateway says it."""
    kinds = path.type.split("/")
    pairs = "/".join(f"{kind}/{name}" for kind, name in zip(kinds[1:], path.names, strict=False))
    text = (
        f"The Resource '{kinds[0]}/{pairs}' under resource group '{path.resource_group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return Refused(404, "ResourceNotFound", text, gateway=True)


def bad_request(message: str, code: str = "BadRequest", *, flat: bool = False) -> Refused:
    """Refuse what the caller could have known to be wrong."""
    return Refused(400, code, message, flat=flat)
