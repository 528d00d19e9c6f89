"""The API server as an ASGI application: one door, and the handler that a request's path and verb name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from workshop_tui.practice.cluster.api import changing, deleting, documents, reading, reviews
from workshop_tui.practice.cluster.api.answers import finished, object_answer, refusal
from workshop_tui.practice.cluster.api.context import parse_target
from workshop_tui.practice.cluster.api.logs import read_log
from workshop_tui.practice.cluster.api.proxy import pass_on
from workshop_tui.practice.cluster.api.token_requests import create_token
from workshop_tui.practice.cluster.errors import method_not_allowed, no_such_path
from workshop_tui.practice.cluster.identity import authorize, impersonated
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.scale import scale_of
from workshop_tui.practice.store import StoreUnusableError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.identity import Caller

_HEALTH = ("/healthz", "/livez", "/readyz")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_STREAMS = ("exec", "attach", "portforward")

logger = logging.getLogger(__name__)


def create_api(api: Api) -> Starlette:
    """Return the API server."""

    async def endpoint(request: Request) -> Response:
        try:
            return finished(request, await _answer(api, request))
        except ApiError as error:
            return refusal(error)
        except StoreUnusableError as error:
            return refusal(ApiError(500, "InternalError", f"Internal error occurred: {error}"))
        except Exception:
            logger.exception("fault while answering %s %s", request.method, request.url.path)
            return refusal(
                ApiError(500, "InternalError", "Internal error occurred: see the practice cloud's log")
            )

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=_METHODS)])


async def _answer(api: Api, request: Request) -> Response:
    path = request.url.path.rstrip("/") or "/"
    path = path if path.startswith("/") else f"/{path}"
    if path in _HEALTH:
        return PlainTextResponse("ok")
    signed_in = api.authenticator.authenticate(request.headers.get("authorization", ""))
    caller = impersonated(signed_in, request.headers)
    target = parse_target(request.scope["path"])
    if target is not None:
        return await _answer_about_objects(api, target, caller, request)
    document = documents.answer(request, path) if request.method in ("GET", "HEAD") else None
    if document is None:
        raise no_such_path()
    return document


async def _answer_about_objects(  # noqa: PLR0911 - a return per verb
    api: Api, target: Target, caller: Caller, request: Request
) -> Response:
    verb = _verb(target, request)
    resource = target.resource
    part = resource.subresource(target.subresource) if target.subresource else None
    if part is None and verb not in (*resource.verbs, "watch"):
        raise method_not_allowed()
    authorize(
        caller,
        verb,
        resource,
        namespace=target.namespace,
        name=target.name,
        subresource=target.subresource,
    )
    if part is not None:
        return await _answer_subresource(api, target, verb, request)
    match verb:
        case "get" | "list" | "watch":
            return reading.read(api, target, request)
        case "create" if not resource.stored:
            return await reviews.review(api, target, caller, request)
        case "create":
            return await changing.create(api, target, request)
        case "update":
            return await changing.update(api, target, request)
        case "patch":
            return await changing.patch(api, target, request)
        case _:
            return await deleting.delete(api, target, request)


async def _answer_subresource(  # noqa: PLR0911 - a return per subresource
    api: Api, target: Target, verb: str, request: Request
) -> Response:
    match target.subresource, verb:
        case "log", "get":
            return read_log(api, target, request)
        case "proxy", _:
            return await pass_on(api, target, request)
        case "token", "create":
            return await create_token(api, target, request)
        case "status" | "scale", "update":
            return await changing.update(api, target, request)
        case "status" | "scale", "patch":
            return await changing.patch(api, target, request)
        case "status", "get":
            return reading.read(api, target, request)
        case "scale", "get":
            found = api.objects.get(target.resource.name, target.namespace, target.name)
            return object_answer(scale_of(found))
        case part, _ if part in _STREAMS:
            # Late: most practice clouds never stream, and the WebSocket package takes a tenth of a second.
            from workshop_tui.practice.cluster.streams.serving import stream  # noqa: PLC0415

            return stream(api, target, request)
        case _:
            raise method_not_allowed()


def _verb(  # noqa: PLR0911 - a return per verb
    target: Target, request: Request
) -> str:
    match request.method:
        case "GET" | "HEAD" if target.subresource:
            return "get"
        case "GET" | "HEAD" if reading.wants_watch(request):
            return "watch"
        case "GET" | "HEAD":
            return "get" if target.name else "list"
        case "POST":
            return "create"
        case "PUT":
            return "update"
        case "PATCH":
            return "patch"
        case "DELETE":
            return "delete" if target.name else "deletecollection"
        case _:
            raise method_not_allowed()
