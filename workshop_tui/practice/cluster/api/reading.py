"""get, list and watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from workshop_tui.practice.cluster.api.answers import JSON_TYPE, object_answer, table_answer, wants_table
from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.api.watching import watch_lines
from workshop_tui.practice.cluster.selectors import make_filter

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target


def wants_watch(request: Request) -> bool:
    """Say whether a GET asks for changes."""
    return is_on(request.query_params, "watch")


def read(api: Api, target: Target, request: Request) -> Response:
    """Answer a GET on an object or a collection."""
    if wants_watch(request):
        table = wants_table(request)
        lines = watch_lines(api, target, request.query_params, table=table)
        return StreamingResponse(lines, media_type=JSON_TYPE)
    return _get(api, target, request) if target.name else _list(api, target, request)


def _get(api: Api, target: Target, request: Request) -> Response:
    object_ = api.objects.get(target.resource.name, target.namespace, target.name)
    if wants_table(request):
        version = object_["metadata"]["resourceVersion"]
        kind = target.resource.kind
        return table_answer(request, kind, [object_], now=api.clock.now(), version=version)
    return object_answer(object_)


def _list(api: Api, target: Target, request: Request) -> Response:
    resource = target.resource
    parameters = request.query_params
    matches = make_filter(parameters.get("labelSelector", ""), parameters.get("fieldSelector", ""))
    found = [each for each in api.objects.list(resource.name, target.namespace or None) if matches(each)]
    version = str(api.objects.version)
    if wants_table(request):
        return table_answer(request, resource.kind, found, now=api.clock.now(), version=version)
    return object_answer(
        {
            "kind": f"{resource.kind}List",
            "apiVersion": resource.api_version,
            "metadata": {"resourceVersion": version},
            "items": found,
        }
    )
