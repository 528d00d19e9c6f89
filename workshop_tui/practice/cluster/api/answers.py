"""Answers: objects, tables and refusals as HTTP responses."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from workshop_tui.practice.cluster.errors import status_of
from workshop_tui.practice.cluster.tables import make_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from starlette.requests import Request

    from workshop_tui.practice.cluster.ports import ApiError, Object

_LONG = 128 * 1024
_FAST = 1
_ENCODING = "Content-Encoding"
JSON_TYPE = "application/json"


def object_answer(object_: Object, code: int = 200, *, media_type: str = JSON_TYPE) -> Response:
    """Answer with an object."""
    return Response(json.dumps(object_, separators=(",", ":")), code, media_type=media_type)


def finished(request: Request, response: Response) -> Response:
    """Return an answer as it goes out: never cached, and compressed when it is long and may be.

    The size is that of k8s.io/apiserver's endpoints/handlers/responsewriters; streams are left as they are.
    """
    response.headers.setdefault("Cache-Control", "no-cache, private")
    long = type(response) is Response and len(response.body) >= _LONG
    if long and "gzip" in request.headers.get("accept-encoding", "") and _ENCODING not in response.headers:
        response.body = gzip.compress(response.body, _FAST, mtime=0)
        response.headers.update({_ENCODING: "gzip", "Vary": "Accept-Encoding"})
        response.headers["Content-Length"] = str(len(response.body))
    return response


def refusal(error: ApiError) -> Response:
    """Answer with the Status of a refusal."""
    return object_answer(status_of(error), error.code)


def wants_table(request: Request) -> bool:
    """Return whether the client asks for rows first."""
    return "as=Table" in request.headers.get("accept", "").partition(",")[0]


def table_answer(
    request: Request, kind: str, objects: Sequence[Object], *, now: datetime, metadata: Object
) -> Response:
    """Answer with a Table; `metadata` is the list's."""
    include = request.query_params.get("includeObject", "Metadata")
    return object_answer(make_table(kind, objects, now=now, metadata=metadata, include=include))
