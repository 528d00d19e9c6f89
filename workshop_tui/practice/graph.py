"""The few calls of Microsoft Graph that `az` makes when roles are assigned."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.access_tokens import Identity, bearer
from workshop_tui.practice.audit import note_caller
from workshop_tui.practice.entra.resources import audiences_of_graph
from workshop_tui.practice.signing import TokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.directory import Principal

NAMES_FILTER = re.compile(r"servicePrincipalNames/any\(\s*(\w+)\s*:\s*\1 eq '([^']*)'\s*\)", re.IGNORECASE)
EQUALS_FILTER = re.compile(r"^\s*(\w+) eq '([^']*)'\s*$")
STARTS_FILTER = re.compile(r"^\s*startswith\((\w+),\s*'([^']*)'\)\s*$", re.IGNORECASE)
TYPES = {"ServicePrincipal": "servicePrincipal", "User": "user", "Group": "group"}
MOST_IDS = 1000
LARGEST_BODY = 1_000_000


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "innerError": {}}}


def create_graph(arm: Arm) -> Starlette:
    """Return Graph as an ASGI application."""
    graph = _Graph(arm)
    return Starlette(
        routes=[
            Route("/v1.0/me", graph.me),
            Route("/v1.0/users", graph.users),
            Route("/v1.0/groups", graph.groups),
            Route("/v1.0/applications", graph.applications),
            Route("/v1.0/servicePrincipals", graph.service_principals),
            Route("/v1.0/servicePrincipals/{object_id}", graph.service_principal),
            Route("/v1.0/directoryObjects/getByIds", graph.get_by_ids, methods=["POST"]),
            Route("/v1.0/directoryObjects/microsoft.graph.getByIds", graph.get_by_ids, methods=["POST"]),
        ],
        exception_handlers={_RefusedError: _answer_refusal},
    )


async def _answer_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, _RefusedError)  # noqa: S101  # what it is registered for
    return JSONResponse(error.body, error.status)


class _Graph:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._audiences = audiences_of_graph(arm.practice.addresses)

    async def me(self, request: Request) -> Response:
        """Refuse as for any app: `/me` speaks of people."""
        self._authenticate(request)
        text = "/me request is only valid with delegated authentication flow."
        raise _RefusedError(400, "BadRequest", text)

    async def users(self, request: Request) -> Response:
        """GET users, filtered."""
        return self._listed(request, "users", "User")

    async def groups(self, request: Request) -> Response:
        """GET groups, filtered."""
        return self._listed(request, "groups", "Group")

    async def applications(self, request: Request) -> Response:
        """GET applications, filtered: a managed identity has none."""
        return self._listed(request, "applications", "ServicePrincipal", application=True)

    async def service_principals(self, request: Request) -> Response:
        """GET service principals, filtered."""
        return self._listed(request, "servicePrincipals", "ServicePrincipal")

    async def service_principal(self, request: Request) -> Response:
        """GET one service principal by its object id."""
        self._authenticate(request)
        object_id = request.path_params["object_id"]
        found = self._arm.directory.get(object_id)
        if found is None or found.kind != "ServicePrincipal":
            text = (
                f"Resource '{object_id}' does not exist or one of its queried reference-property objects are "
            )
            raise _RefusedError(404, "Request_ResourceNotFound", f"{text}not present.")
        return JSONResponse(_described(found))

    async def get_by_ids(self, request: Request) -> Response:
        """POST ids; what is known of them comes back, with `@odata.type`."""
        self._authenticate(request)
        try:
            body = json.loads(await _body(request))
            ids = [str(uuid.UUID(str(each))) for each in body["ids"]][:MOST_IDS]
        except (ValueError, KeyError, TypeError) as error:
            raise _RefusedError(400, "Request_BadRequest", "Invalid object identifier.") from error
        types = {str(each).lower() for each in body.get("types") or TYPES.values()}
        found = [each for object_id in ids if (each := self._arm.directory.get(object_id)) is not None]
        value = [_described(each, typed=True) for each in found if TYPES[each.kind].lower() in types]
        return JSONResponse({"@odata.context": self._context("directoryObjects"), "value": value})

    def _listed(self, request: Request, collection: str, kind: str, *, application: bool = False) -> Response:
        self._authenticate(request)
        found = [each for each in self._arm.directory.all() if each.kind == kind]
        if application:
            found = [each for each in found if each.service_kind == "Application"]
        condition = request.query_params.get("$filter", "")
        if condition:
            found = list(filter(_filter(condition), found))
        value = [_described(each) for each in found]
        return JSONResponse({"@odata.context": self._context(collection), "value": value})

    def _context(self, collection: str) -> str:
        return f"{self._arm.practice.addresses.graph}/v1.0/$metadata#{collection}"

    def _authenticate(self, request: Request) -> Identity:
        token = bearer(request.headers.get("authorization"))
        if token is None:
            raise _RefusedError(401, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            identity = self._arm.tokens.verify(token, self._audiences)
        except TokenError as error:
            text = "Access token validation failure."
            raise _RefusedError(401, "InvalidAuthenticationToken", text) from error
        note_caller(request.scope, identity.caller)
        return identity


async def _body(request: Request) -> bytes:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise _RefusedError(413, "Request_EntityTooLarge", "The size of the request is too large.")
    return raw


def _names(principal: Principal) -> list[str]:
    names = [principal.application_id] if principal.application_id else []
    if principal.service_kind == "ManagedIdentity":
        names.append(f"https://identity.azure.net/{principal.object_id}")
    return names


def _described(principal: Principal, *, typed: bool = False) -> dict[str, Any]:
    document: dict[str, Any] = {"id": principal.object_id, "displayName": principal.display_name}
    if typed:
        document["@odata.type"] = f"#microsoft.graph.{TYPES[principal.kind]}"
    if principal.kind == "ServicePrincipal":
        document |= {
            "appId": principal.application_id,
            "appDisplayName": principal.display_name,
            "accountEnabled": True,
            "servicePrincipalType": principal.service_kind,
            "servicePrincipalNames": _names(principal),
            "alternativeNames": list(principal.alternative_names),
        }
    elif principal.kind == "User":
        document |= {"userPrincipalName": principal.user_name, "mail": None}
    return document


def _filter(condition: str) -> Callable[[Principal], bool]:
    """Return the judgement a `$filter` stands for.

    Raises:
        _RefusedError: a filter that is not among those `az` uses.

    """
    names = NAMES_FILTER.search(condition)
    if names is not None:
        return lambda each: names[2].lower() in {name.lower() for name in _names(each)}
    equals = EQUALS_FILTER.match(condition)
    if equals is not None:
        return lambda each: str(_described(each).get(equals[1], "")).lower() == equals[2].lower()
    starts = STARTS_FILTER.match(condition)
    if starts is not None:
        prefix = starts[2].lower()
        return lambda each: str(_described(each).get(starts[1], "")).lower().startswith(prefix)
    raise _RefusedError(400, "Request_UnsupportedQuery", f"Unsupported filter: {condition}")
