"""The calls of Microsoft Graph that `az` makes: who is signed in, who holds which name, and groups."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.access_tokens import Identity, bearer
from workshop_tui.practice.audit import note_caller
from workshop_tui.practice.entra.resources import audiences_of_graph
from workshop_tui.practice.graph_answers import TYPES, RefusedGraph, described, matches, not_found, read_body
from workshop_tui.practice.graph_groups import Groups
from workshop_tui.practice.signing import TokenError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.arm.context import Arm

MOST_IDS = 1000
NO_PRIVILEGES = "Insufficient privileges to complete the operation."


def create_graph(arm: Arm) -> Starlette:
    """Return Graph as an ASGI application."""
    graph = _Graph(arm)
    return Starlette(
        routes=[
            Route("/v1.0/me", graph.me),
            Route("/v1.0/users", graph.users),
            Route("/v1.0/users/{object_id}", graph.user),
            Route("/v1.0/groups", graph.groups),
            Route("/v1.0/applications", graph.applications),
            Route("/v1.0/servicePrincipals", graph.service_principals),
            Route("/v1.0/servicePrincipals/{object_id}", graph.service_principal),
            Route("/v1.0/directoryObjects/getByIds", graph.get_by_ids, methods=["POST"]),
            Route("/v1.0/directoryObjects/microsoft.graph.getByIds", graph.get_by_ids, methods=["POST"]),
            *Groups(arm, graph.authenticate).routes(),
        ],
        exception_handlers={RefusedGraph: _answer_refusal, HTTPException: graph.unserved},
    )


async def _answer_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedGraph)  # noqa: S101  # what it is registered for
    return JSONResponse(error.body, error.status)


class _Graph:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._audiences = audiences_of_graph(arm.practice.addresses)

    async def unserved(self, request: Request, error: Exception) -> Response:
        """Refuse what is not served here in Graph's form: `az` reads no other, and ends in a traceback."""
        assert isinstance(error, HTTPException)  # noqa: S101  # what it is registered for
        try:
            self.authenticate(request)
        except RefusedGraph as refused:
            return JSONResponse(refused.body, refused.status)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Who makes applications needs a right in the directory, which a learner rarely has.
            answer = RefusedGraph(403, "Authorization_RequestDenied", NO_PRIVILEGES)
        else:
            segment = request.url.path.rstrip("/").rpartition("/")[2]
            answer = RefusedGraph(404, "BadRequest", f"Resource not found for the segment '{segment}'.")
        return JSONResponse(answer.body, answer.status)

    async def me(self, request: Request) -> Response:
        """GET the person signed in; an application is told that this speaks of people."""
        identity = self.authenticate(request)
        person = self._arm.directory.get(identity.object_id) if identity.user_name else None
        if person is None:
            text = "/me request is only valid with delegated authentication flow."
            raise RefusedGraph(400, "BadRequest", text)
        return JSONResponse({"@odata.context": self._context("users/$entity"), **described(person)})

    async def users(self, request: Request) -> Response:
        """GET users, filtered."""
        return self._listed(request, "users", "User")

    async def user(self, request: Request) -> Response:
        """GET one user by object id or name."""
        self.authenticate(request)
        wanted = request.path_params["object_id"]
        people = [each for each in self._arm.directory.all() if each.kind == "User"]
        keys = ((each, {each.object_id, (each.user_name or "").lower()}) for each in people)
        found = next((each for each, names in keys if wanted.lower() in names), None)
        if found is None:
            raise not_found(wanted)
        return JSONResponse({"@odata.context": self._context("users/$entity"), **described(found)})

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
        self.authenticate(request)
        object_id = request.path_params["object_id"]
        found = self._arm.directory.get(object_id)
        if found is None or found.kind != "ServicePrincipal":
            raise not_found(object_id)
        return JSONResponse(described(found))

    async def get_by_ids(self, request: Request) -> Response:
        """POST ids; what is known of them comes back, with `@odata.type`."""
        self.authenticate(request)
        try:
            body = json.loads(await read_body(request))
            ids = [str(uuid.UUID(str(each))) for each in body["ids"]][:MOST_IDS]
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedGraph(400, "Request_BadRequest", "Invalid object identifier.") from error
        types = {str(each).lower() for each in body.get("types") or TYPES.values()}
        found = [each for object_id in ids if (each := self._arm.directory.get(object_id)) is not None]
        value = [described(each, typed=True) for each in found if TYPES[each.kind].lower() in types]
        return JSONResponse({"@odata.context": self._context("directoryObjects"), "value": value})

    def _listed(self, request: Request, collection: str, kind: str, *, application: bool = False) -> Response:
        self.authenticate(request)
        found = [each for each in self._arm.directory.all() if each.kind == kind]
        if application:
            found = [each for each in found if each.service_kind == "Application"]
        condition = request.query_params.get("$filter", "")
        if condition:
            found = list(filter(matches(condition), found))
        value = [described(each) for each in found]
        return JSONResponse({"@odata.context": self._context(collection), "value": value})

    def _context(self, collection: str) -> str:
        return f"{self._arm.practice.addresses.graph}/v1.0/$metadata#{collection}"

    def authenticate(self, request: Request) -> Identity:
        """Return who asks. A managed identity may not read the directory until an administrator consents.

        Raises:
            RefusedGraph: as Graph refuses.

        """
        token = bearer(request.headers.get("authorization"))
        if token is None:
            raise RefusedGraph(401, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            identity = self._arm.tokens.verify(token, self._audiences)
        except TokenError as error:
            text = "Access token validation failure."
            raise RefusedGraph(401, "InvalidAuthenticationToken", text) from error
        note_caller(request.scope, identity.caller)
        principal = self._arm.directory.get(identity.object_id)
        if principal is None or principal.service_kind == "ManagedIdentity":
            raise RefusedGraph(403, "Authorization_RequestDenied", NO_PRIVILEGES)
        return identity
