"""ARM's front door: authentication, api-version, authorization, and the way to the handler."""

from __future__ import annotations

import json
import logging
import os
import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workshop_tui import __version__
from workshop_tui.practice.access_tokens import ExpiredTokenError, Identity, WrongAudienceError, bearer
from workshop_tui.practice.arm.answers import Answer, Call, Refused, bad_request, resource_group_not_found
from workshop_tui.practice.arm.api_versions import check_version
from workshop_tui.practice.arm.handlers import HANDLERS, KNOWN_TYPES
from workshop_tui.practice.arm.metadata import cloud_metadata
from workshop_tui.practice.arm.paths import ArmPath, parse
from workshop_tui.practice.arm.throttle import Throttle
from workshop_tui.practice.audit import note_caller
from workshop_tui.practice.entra.resources import audiences_of_arm
from workshop_tui.practice.signing import TokenError
from workshop_tui.practice.store import StoreUnusableError

if TYPE_CHECKING:
    from starlette.requests import Request

    from workshop_tui.practice.arm.context import Arm

METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]
LARGEST_BODY = 1_000_000
COMMON_HEADERS = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
QUOTA = {"GET": ("reads", "16499"), "HEAD": ("reads", "16499"), "DELETE": ("deletes", "11999")}
VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
OPEN_TYPES = frozenset(
    {
        "Microsoft.Resources/tenants",
        "Microsoft.Resources/subscriptions/providers",
        "Microsoft.CognitiveServices/locations/operationResults",
        "Microsoft.ContainerService/locations/operationresults",
        "Microsoft.ContainerService/locations/operations",
        "Microsoft.Resources/subscriptions/operationresults",
    }
)
"""Types anybody who is signed in may read."""

logger = logging.getLogger(__name__)


def create_arm(arm: Arm) -> Starlette:
    """Return ARM as an ASGI application."""
    door = _Door(arm)
    return Starlette(
        routes=[
            Route("/practice/health", door.health),
            Route("/practice/audit", door.audit),
            Route("/metadata/endpoints", door.metadata),
            Route("/{path:path}", door.answer, methods=METHODS),
        ]
    )


class _Door:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._audiences = audiences_of_arm(arm.practice.addresses)
        practice = arm.practice
        self._throttle = Throttle(practice.names.subscription_id, practice.clock.scale)

    async def health(self, _: Request) -> Response:
        """Say that the practice cloud is here; asks for no token."""
        return JSONResponse({"status": "ok", "pid": os.getpid(), "version": __version__})

    async def metadata(self, _: Request) -> Response:
        """Tell the addresses of this cloud, as `az cloud register` asks for them."""
        practice = self._arm.practice
        return JSONResponse(cloud_metadata(practice.addresses, practice.names.tenant_id))

    async def audit(self, request: Request) -> Response:
        """Answer the request log: `since` (ISO), `after` (entry id), `service`."""
        try:
            self._authenticate(request)
            after = int(request.query_params.get("after", "0"))
        except Refused as refused:
            return self._response(request, refused.answer)
        except ValueError:
            return self._response(request, bad_request("`after` is the id of an entry").answer)
        entries = self._arm.audit.entries(
            since=request.query_params.get("since", ""),
            after=after,
            service=request.query_params.get("service"),
        )
        return JSONResponse({"value": entries})

    async def answer(self, request: Request) -> Response:
        """Answer an ARM request."""
        try:
            answer = await self._handle(request)
        except Refused as refused:
            answer = refused.answer
        except StoreUnusableError as error:
            answer = Refused(500, "InternalServerError", f"The practice cloud's disk: {error}").answer
        except Exception:
            logger.exception("ARM could not answer %s %r", request.method, request.url.path)
            text = "The practice cloud met a fault of its own; its log says more."
            answer = Refused(500, "InternalServerError", text).answer
        return self._response(request, answer)

    async def _handle(self, request: Request) -> Answer:
        identity = self._authenticate(request)
        self._throttle.admit(identity, request.method)
        if not request.query_params.get("api-version"):
            text = "The api-version query parameter (?api-version=) is required for all requests."
            raise bad_request(text, "MissingApiVersionParameter")
        path = parse(request.url.path, request.method)
        if path is None or path.type.lower() not in KNOWN_TYPES:
            raise _unknown_type(path, request)
        check_version(path, request.query_params["api-version"], self._arm.practice.names.location)
        self._authorize(identity, path, request.method)
        self._arm.operations.settle()
        self._find_parents(path, request.method)
        handler = HANDLERS.get((request.method if request.method != "HEAD" else "GET", path.type, path.shape))
        if handler is None:
            text = f"The practice cloud does not offer {request.method} for '{path.type}'."
            raise Refused(405, "MethodNotAllowed", text)
        call = Call(request.method, path, dict(request.query_params), await _body(request), identity)
        answer = await handler(self._arm, call)
        return Answer(204, None, answer.headers) if request.method == "HEAD" else answer

    def _authenticate(self, request: Request) -> Identity:
        token = bearer(request.headers.get("authorization"))
        if token is None:
            text = "Authentication failed. The 'Authorization' header is missing."
            raise self._unauthorized("AuthenticationFailed", text)
        try:
            identity = self._arm.tokens.verify(token, self._audiences)
        except ExpiredTokenError as error:
            form = "%m/%d/%Y %I:%M:%S %p"
            now = self._arm.practice.clock.now().astimezone(UTC)
            text = (
                f"The access token expiry UTC time '{error.expiry.strftime(form)}' is earlier than current "
                f"UTC time '{now.strftime(form)}'."
            )
            raise self._unauthorized("ExpiredAuthenticationToken", text) from error
        except WrongAudienceError as error:
            allowed = "','".join(sorted(self._audiences))
            text = (
                "The access token has been obtained for wrong audience or resource "
                f"'{error.audience}'. It should exactly match with one of the allowed audiences "
                f"'{allowed}'."
            )
            raise self._unauthorized("InvalidAuthenticationTokenAudience", text) from error
        except TokenError as error:
            raise self._unauthorized("InvalidAuthenticationToken", "The access token is invalid.") from error
        note_caller(request.scope, identity.caller)
        return identity

    def _unauthorized(self, code: str, text: str) -> Refused:
        refused = Refused(401, code, text)
        practice = self._arm.practice
        refused.answer.headers["WWW-Authenticate"] = (
            f'Bearer authorization_uri="{practice.addresses.entra}/{practice.names.tenant_id}", '
            f'error="invalid_token", error_description="{text}"'
        )
        return refused

    def _authorize(self, identity: Identity, path: ArmPath, method: str) -> None:
        if path.type in OPEN_TYPES or (path.type == "Microsoft.Resources/subscriptions" and not path.names):
            return
        if path.type == "Microsoft.Authorization/roleDefinitions" and not path.scope and method == "GET":
            return  # the built-in roles are no secret: recorded at the tenant's root
        action = f"{path.type}/{f'{path.verb}/action' if path.verb else VERBS[method]}"
        if path.type.endswith("/resources"):
            action = f"{path.type.removesuffix('/resources')}/resources/read"
        scope = _authorization_scope(path)
        if not self._arm.access.allows(identity.object_id, action, scope):
            text = (
                f"The client '{identity.name}' with object id '{identity.object_id}' does not have "
                f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. "
                "If access was recently granted, please refresh your credentials."
            )
            raise Refused(403, "AuthorizationFailed", text)

    def _find_parents(self, path: ArmPath, method: str) -> None:
        """Refuse what lies in a subscription or resource group that does not exist."""
        names = self._arm.practice.names
        if path.subscription is not None and path.subscription != names.subscription_id:
            text = f"The subscription '{path.subscription}' could not be found."
            raise Refused(404, "SubscriptionNotFound", text, gateway=True)
        if path.resource_group is None:
            return
        group = f"/subscriptions/{path.subscription}/resourceGroups/{path.resource_group}"
        found = self._arm.resources.get(group)
        makes_group = method == "PUT" and path.type.endswith("subscriptions/resourceGroups")
        if found is None and makes_group:
            return
        if found is None:
            raise resource_group_not_found(path.resource_group)
        if method == "PUT" and found["properties"]["provisioningState"] == "Deleting":
            text = (
                f"The resource group '{found['name']}' is in deprovisioning state and cannot perform this "
                "operation."
            )
            raise Refused(409, "ResourceGroupBeingDeleted", text, gateway=True)

    def _response(self, request: Request, answer: Answer) -> Response:
        kind, left = QUOTA.get(request.method, ("writes", "11999"))
        request_id = str(uuid.uuid4())
        headers = {
            **COMMON_HEADERS,
            f"x-ms-ratelimit-remaining-subscription-global-{kind}": left,
            "x-ms-request-id": request_id,
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", request_id),
            **answer.headers,
        }
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        content = json.dumps(answer.body, separators=(",", ":"))
        return Response(content, answer.status, headers, "application/json; charset=utf-8")


def _authorization_scope(path: ArmPath) -> str:
    """Return where the caller needs the action: the resource, or what holds the collection."""
    if path.provider in {"Microsoft.Resources", "Microsoft.Authorization"}:
        scope = path.scope
        if path.provider == "Microsoft.Resources" and path.subscription:
            scope = f"/subscriptions/{path.subscription}"
            scope += f"/resourceGroups/{path.resource_group}" if path.resource_group else ""
        return scope or "/"
    if path.names and (path.shape != "many"):
        return path.resource_id()
    return path.scope


def _unknown_type(path: ArmPath | None, request: Request) -> Refused:
    if path is None:
        text = f"The request to '{request.url.path}' does not name a resource."
        return Refused(404, "MissingSubscription", text, gateway=True)
    version = request.query_params["api-version"]
    kind = path.type.partition("/")[2]
    text = (
        f"The resource type '{kind}' could not be found in the namespace '{path.provider}' for api version "
        f"'{version}'. The practice cloud knows the resource types of the workshop only."
    )
    return Refused(404, "InvalidResourceType", text, gateway=True)


async def _body(request: Request) -> dict[str, Any]:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise Refused(413, "RequestEntityTooLarge", "The request body is too long.")
    if not raw.strip():
        return {}
    try:
        content = json.loads(raw)
    except ValueError as error:
        text = f"The request content was invalid and could not be deserialized: '{error}'."
        raise bad_request(text, "InvalidRequestContent") from error
    if not isinstance(content, dict):
        raise bad_request("The request content is not a JSON object.", "InvalidRequestContent")
    return content
