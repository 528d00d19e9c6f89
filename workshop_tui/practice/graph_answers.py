"""What Graph answers of a principal, the filters it understands, and its refusals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from workshop_tui.practice.directory import Principal

NAMES_FILTER = re.compile(r"servicePrincipalNames/any\(\s*(\w+)\s*:\s*\1 eq '([^']*)'\s*\)", re.IGNORECASE)
EQUALS_FILTER = re.compile(r"^\s*(\w+) eq '([^']*)'\s*$")
STARTS_FILTER = re.compile(r"^\s*startswith\((\w+),\s*'([^']*)'\)\s*$", re.IGNORECASE)
LARGEST_BODY = 1_000_000
TYPES = {"ServicePrincipal": "servicePrincipal", "User": "user", "Group": "group"}


class RefusedGraph(Exception):  # noqa: N818  # it is Graph's answer, not a fault of ours
    """A request Graph refuses."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "innerError": {}}}


async def read_body(request: Request) -> bytes:
    """Return a request's body, refused when it is longer than any that `az` sends."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise RefusedGraph(413, "Request_EntityTooLarge", "The size of the request is too large.")
    return raw


def not_found(object_id: str) -> RefusedGraph:
    """No such object of the kind asked for."""
    text = (
        f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not "
        "present."
    )
    return RefusedGraph(404, "Request_ResourceNotFound", text)


def names(principal: Principal) -> list[str]:
    """Return a service principal's names, by which `az` looks for it."""
    found = [principal.application_id] if principal.application_id else []
    if principal.service_kind == "ManagedIdentity":
        found.append(f"https://identity.azure.net/{principal.object_id}")
    return found


def described(principal: Principal, *, typed: bool = False) -> dict[str, Any]:
    """Return a principal as Graph answers it."""
    document: dict[str, Any] = {"id": principal.object_id, "displayName": principal.display_name}
    if typed:
        document["@odata.type"] = f"#microsoft.graph.{TYPES[principal.kind]}"
    match principal.kind:
        case "ServicePrincipal":
            document |= {
                "appId": principal.application_id,
                "appDisplayName": principal.display_name,
                "accountEnabled": True,
                "servicePrincipalType": principal.service_kind,
                "servicePrincipalNames": names(principal),
                "alternativeNames": list(principal.alternative_names),
            }
        case "User":
            given, _, surname = principal.display_name.partition(" ")
            document |= {
                "businessPhones": [],
                "givenName": given,
                "jobTitle": None,
                "mail": None,
                "mobilePhone": None,
                "officeLocation": None,
                "preferredLanguage": None,
                "surname": surname,
                "userPrincipalName": principal.user_name,
            }
        case _:
            document |= {
                "description": None,
                "groupTypes": [],
                "mail": None,
                "mailEnabled": False,
                "mailNickname": principal.mail_nickname or principal.display_name,
                "securityEnabled": True,
            }
    return document


def matches(condition: str) -> Callable[[Principal], bool]:
    """Return the judgement a `$filter` stands for.

    Raises:
        RefusedGraph: a filter that is not among those `az` uses.

    """
    parts = [_part(each) for each in re.split(r"\s+and\s+", condition)]
    return lambda principal: all(part(principal) for part in parts)


def _part(condition: str) -> Callable[[Principal], bool]:
    by_name = NAMES_FILTER.search(condition)
    if by_name is not None:
        return lambda each: by_name[2].lower() in {name.lower() for name in names(each)}
    equals = EQUALS_FILTER.match(condition)
    if equals is not None:
        return lambda each: str(described(each).get(equals[1], "")).lower() == equals[2].lower()
    starts = STARTS_FILTER.match(condition)
    if starts is not None:
        prefix = starts[2].lower()
        return lambda each: str(described(each).get(starts[1], "")).lower().startswith(prefix)
    raise RefusedGraph(400, "Request_UnsupportedQuery", f"Unsupported filter: {condition}")
