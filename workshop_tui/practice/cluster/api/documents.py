"""Documents that never change while the cluster runs: discovery and OpenAPI, with their hashes for caches.

As the API server answers them: an ETag that makes a second question a 304, and for OpenAPI a hash in the
address, under which a client may keep the document for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from workshop_tui.practice.cluster.api import discovery
from workshop_tui.practice.cluster.resources import GROUPS
from workshop_tui.practice.cluster.schema.openapi import document

if TYPE_CHECKING:
    from starlette.requests import Request

OPENAPI = "/openapi/v3"
_JSON = "application/json"
_FOR_EVER = {"Cache-Control": "public, immutable", "Vary": "Accept, Accept-Encoding"}
_ASK_AGAIN = {"Cache-Control": "no-cache, private", "Vary": "Accept, Accept-Encoding"}
_AGGREGATED = {"v2": discovery.AGGREGATED, "v2beta1": discovery.AGGREGATED_BETA}
_SMALLEST_COMPRESSED = 1024


@dataclass(frozen=True, slots=True)
class _Document:
    """A document as bytes, plain and compressed, with the hash of its content."""

    plain: bytes
    compressed: bytes
    hash: str
    media_type: str


def answer(request: Request, path: str) -> Response | None:
    """Answer a GET of a document at a path without a trailing slash; None when there is none."""
    if path.startswith(OPENAPI):
        return _openapi(request, path)
    accepted = request.headers.get("accept", "").split(",")
    wanted = (version for version, type_ in _AGGREGATED.items() if type_ in accepted)
    found = _discovery(path, next(wanted, ""))
    return _send(request, found, _ASK_AGAIN) if found else None


def paths() -> tuple[str, ...]:
    """Return the paths that have a document, without trailing slashes."""
    return (*discovery.paths(), OPENAPI, *(f"{OPENAPI}/{path}" for path in _groups_by_path()))


def _openapi(request: Request, path: str) -> Response | None:
    if path == OPENAPI:
        return _send(request, _index(), _ASK_AGAIN)
    group = _groups_by_path().get(path.removeprefix(f"{OPENAPI}/"))
    if group is None:
        return None
    found = _schemas(group)
    asked = request.query_params.get("hash")
    if asked and asked != found.hash:
        return Response(None, 301, {"Location": f"{path}?hash={found.hash}"})
    return _send(request, found, _FOR_EVER if asked else _ASK_AGAIN)


def _send(request: Request, found: _Document, headers: dict[str, str]) -> Response:
    headers = headers | {"ETag": f'"{found.hash}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    wants_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if wants_gzip and len(found.plain) >= _SMALLEST_COMPRESSED:
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, 200, headers, found.media_type)
    return Response(found.plain, 200, headers, found.media_type)


def _make(content: Any, media_type: str = _JSON) -> _Document:  # noqa: ANN401 - any JSON document
    plain = json.dumps(content, separators=(",", ":")).encode()
    digest = hashlib.sha512(plain).hexdigest().upper()
    return _Document(plain, gzip.compress(plain, 5, mtime=0), digest, media_type)


@cache
def _groups_by_path() -> dict[str, str]:
    return {discovery.group_path(group): group for group in GROUPS}


@cache
def _discovery(path: str, aggregated: str) -> _Document | None:
    content = discovery.answer(path, aggregated)
    if content is None:
        return None
    is_aggregate = content.get("kind") == "APIGroupDiscoveryList"
    return _make(content, _AGGREGATED[aggregated] if is_aggregate else _JSON)


@cache
def _schemas(group: str) -> _Document:
    return _make(document(group, discovery.VERSION["gitVersion"]))


@cache
def _index() -> _Document:
    urls = {
        path: {"serverRelativeURL": f"{OPENAPI}/{path}?hash={_schemas(group).hash}"}
        for path, group in _groups_by_path().items()
    }
    return _make({"paths": urls})
