"""get, list and watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from workshop_tui.practice.cluster.api.answers import JSON_TYPE, object_answer, table_answer, wants_table
from workshop_tui.practice.cluster.api.lists import ListOptions
from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.api.watching import filter_of, watch_lines
from workshop_tui.practice.cluster.event_views import shown_as

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target


def wants_watch(request: Request) -> bool:
    """Return whether a GET asks for changes."""
    return is_on(request.query_params, "watch")


def read(api: Api, target: Target, request: Request) -> Response:
    """Answer a GET on an object or a collection."""
    if wants_watch(request):
        table = wants_table(request)
        lines = watch_lines(api, target, request.query_params, table=table)
        return StreamingResponse(lines, media_type=JSON_TYPE)
    return _get(api, target, request) if target.name else _list(api, target, request)


def _get(api: Api, target: Target, request: Request) -> Response:
    resource = target.resource
    object_ = api.objects.get(resource.name, target.namespace, target.name)
    if wants_table(request):
        metadata = {"resourceVersion": object_["metadata"]["resourceVersion"]}
        return table_answer(request, resource.kind, [object_], now=api.clock.now(), metadata=metadata)
    return object_answer(shown_as(resource, object_))


def _list(api: Api, target: Target, request: Request) -> Response:
    resource = target.resource
    parameters = request.query_params
    matches = filter_of(target, parameters)
    options = ListOptions.of(parameters, watch=False)
    page = options.page(api.objects, resource.name, target.namespace, matches)
    if wants_table(request):
        now = api.clock.now()
        return table_answer(request, resource.kind, page.objects, now=now, metadata=page.metadata)
    return object_answer(
        {
            "kind": f"{resource.kind}List",
            "apiVersion": resource.api_version,
            "metadata": page.metadata,
            "items": [shown_as(resource, each) for each in page.objects],
        }
    )
