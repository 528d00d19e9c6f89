"""Security groups at Graph: made, filled, emptied, deleted. A group's roles are its members'."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workshop_tui.practice.directory import Principal
from workshop_tui.practice.graph_answers import RefusedGraph, described, not_found, read_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from workshop_tui.practice.access_tokens import Identity
    from workshop_tui.practice.arm.context import Arm

NO_CONTENT = 204
CREATED = 201


class Groups:
    """The routes below /v1.0/groups, and the questions about membership."""

    def __init__(self, arm: Arm, authenticate: Callable[[Request], Identity]) -> None:
        self._arm = arm
        self._directory = arm.directory
        self._authenticate = authenticate

    def routes(self) -> list[Route]:
        """Return them."""
        return [
            Route("/v1.0/groups", self.create, methods=["POST"]),
            Route("/v1.0/groups/{object_id}", self.show),
            Route("/v1.0/groups/{object_id}", self.delete, methods=["DELETE"]),
            Route("/v1.0/groups/{object_id}/members", self.members),
            Route("/v1.0/groups/{object_id}/members/$ref", self.add, methods=["POST"]),
            Route("/v1.0/groups/{object_id}/members/{member_id}/$ref", self.remove, methods=["DELETE"]),
            Route(
                "/v1.0/directoryObjects/{object_id}/checkMemberGroups", self.check_member, methods=["POST"]
            ),
        ]

    async def create(self, request: Request) -> Response:
        """POST a security group."""
        self._authenticate(request)
        body = await _body(request)
        for each in ("displayName", "mailNickname"):
            if not isinstance(body.get(each), str) or not body[each]:
                text = f"A value is required for property '{each}' of resource 'Group'."
                raise RefusedGraph(400, "Request_BadRequest", text)
        group = Principal(
            object_id=str(uuid.uuid4()),
            display_name=body["displayName"],
            kind="Group",
            mail_nickname=body["mailNickname"],
            replicated=self._directory.replicated_after(),
        )
        self._directory.put(group)
        context = f"{self._arm.practice.addresses.graph}/v1.0/$metadata#groups/$entity"
        return JSONResponse({"@odata.context": context, **described(group)}, CREATED)

    async def show(self, request: Request) -> Response:
        """GET one."""
        self._authenticate(request)
        return JSONResponse(described(self._find(request)))

    async def delete(self, request: Request) -> Response:
        """DELETE one; what its members held through it is gone at once."""
        self._authenticate(request)
        self._directory.remove(self._find(request).object_id)
        return Response(status_code=NO_CONTENT)

    async def members(self, request: Request) -> Response:
        """GET the direct members."""
        self._authenticate(request)
        group = self._find(request)
        found = [each for member in group.members if (each := self._directory.get(member)) is not None]
        context = f"{self._arm.practice.addresses.graph}/v1.0/$metadata#directoryObjects"
        value = [described(each, typed=True) for each in found]
        return JSONResponse({"@odata.context": context, "value": value})

    async def add(self, request: Request) -> Response:
        """POST a reference to a new member."""
        self._authenticate(request)
        group = self._find(request)
        member_id = str((await _body(request)).get("@odata.id", "")).rpartition("/")[2].lower()
        member = self._directory.get(member_id)
        if member is None:
            raise not_found(member_id)
        if member.object_id in group.members:
            text = "One or more added object references already exist for the following modified properties: "
            raise RefusedGraph(400, "Request_BadRequest", f"{text}'members'.")
        self._directory.put(replace(group, members=(*group.members, member.object_id)))
        return Response(status_code=NO_CONTENT)

    async def remove(self, request: Request) -> Response:
        """DELETE a member's reference."""
        self._authenticate(request)
        group, member_id = self._find(request), request.path_params["member_id"].lower()
        if member_id not in group.members:
            raise not_found(member_id)
        rest = tuple(each for each in group.members if each != member_id)
        self._directory.put(replace(group, members=rest))
        return Response(status_code=NO_CONTENT)

    async def check_member(self, request: Request) -> Response:
        """POST group ids; those that hold the object, directly or through other groups, come back."""
        self._authenticate(request)
        asked = [str(each).lower() for each in (await _body(request)).get("groupIds") or []]
        held = self._directory.groups_of(request.path_params["object_id"].lower())
        context = f"{self._arm.practice.addresses.graph}/v1.0/$metadata#Collection(Edm.String)"
        return JSONResponse({"@odata.context": context, "value": [each for each in asked if each in held]})

    def _find(self, request: Request) -> Principal:
        object_id = request.path_params["object_id"]
        found = self._directory.get(object_id)
        if found is None or found.kind != "Group":
            raise not_found(object_id)
        return found


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await read_body(request))
    except ValueError as error:
        text = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is "
        raise RefusedGraph(400, "BadRequest", f"{text}of valid JSON format.") from error
    return body if isinstance(body, dict) else {}
