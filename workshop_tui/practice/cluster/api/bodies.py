"""Request bodies: JSON, YAML or protobuf in, Python objects out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.protobuf import ProtobufError, decode_object
from workshop_tui.practice.cluster.schema.repeated import parse_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from workshop_tui.practice.cluster.ports import Json, Object

_PROTOBUF = "application/vnd.kubernetes.protobuf"
_LONGEST = 3 * 1024 * 1024


def content_type(request: Request) -> str:
    """Return the media type without its parameters; nothing means JSON, as Python's client sends it."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip() or "application/json"


async def read_json(request: Request) -> Json:
    """Return the body, None when there is none; ApiError BadRequest, UnsupportedMediaType."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST:
            raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {_LONGEST}")
    if not body:
        return None
    try:
        if content_type(request) == _PROTOBUF:
            return decode_object(body)
        if content_type(request).endswith("yaml"):
            return yaml.safe_load(body)
        return parse_json(body)
    except ProtobufError as error:
        raise ApiError(415, "UnsupportedMediaType", str(error)) from None
    except (ValueError, yaml.YAMLError) as error:
        raise bad_request(f"the object provided is unrecognized (must be of type JSON): {error}") from None


async def read_object(request: Request) -> Object:
    """Return the body as an object; ApiError BadRequest when it is none."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise bad_request("the object provided is unrecognized (must be an object with a kind)")
    return body
