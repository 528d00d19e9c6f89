"""What every listener asks of a request before its service sees it.

The listeners are on the loopback interface, but a browser on this machine can be made to send requests there
by any page: with a name of the page's own that leads to 127.0.0.1 (DNS rebinding), or across origins. So the
Host must be a name of this machine, and an Origin, which only browsers send, must be that same address. No
answer carries a CORS header. Besides, nobody may hold memory or a connection for ever: headers and bodies
have a largest size, and a body that stops coming is given up.
"""

from __future__ import annotations

import asyncio
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes; services have smaller limits with words of their own. The registry takes layers of any size."""
MOST_HEADERS = 200
LARGEST_HEADERS = 128 * 1024
BODY_SECONDS = 60.0
"""How long the next piece of a body may take."""
_OWN_HOST = re.compile(rb"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE)


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guarded:
    """ASGI middleware: lets a request through to `app`, or refuses it."""

    def __init__(self, app: ASGIApp, *, largest_body: int | None = LARGEST_BODY) -> None:
        """Take the service; `largest_body` None sets its bodies no limit."""
        self.app = app
        self.largest_body = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            expects_body = self._check(scope["headers"])
        except _RefusedError as refused:
            await _refuse(scope, send, refused)
            return
        if expects_body and scope["type"] == "http":
            receive = _limited(receive, self.largest_body)
        await self.app(scope, receive, send)

    def _check(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Return whether the headers announce a body; _RefusedError when the request goes no further."""
        host = origin = None
        count = size = length = 0
        expects_body = False
        for name, value in headers:
            count += 1
            size += len(name) + len(value)
            if name == b"host":
                host = value if host is None else b""  # two of them are none
            elif name == b"origin":
                origin = value
            elif name == b"content-length":
                expects_body, length = True, int(value)
            elif name == b"transfer-encoding":
                expects_body = True
        if count > MOST_HEADERS or size > LARGEST_HEADERS:
            raise _RefusedError(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request's headers are too large"
            )
        _check_source(host, origin)
        if self.largest_body is not None and length > self.largest_body:
            text = f"the request's body is larger than {self.largest_body} bytes"
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        return expects_body


def _check_source(host: bytes | None, origin: bytes | None) -> None:
    if host is None or not _OWN_HOST.fullmatch(host):
        text = "the practice cloud answers to localhost and 127.0.0.1 only, not to this Host"
        raise _RefusedError(HTTPStatus.MISDIRECTED_REQUEST, text)
    if origin is not None and origin.partition(b"://")[2].lower() != host.lower():
        text = "the practice cloud serves no page but its own: the Origin is another"
        raise _RefusedError(HTTPStatus.FORBIDDEN, text)


def _limited(receive: Receive, largest: int | None) -> Receive:
    """Return `receive` as it ends the request when the body is too large, or does not come."""
    got, more = 0, True

    async def limited() -> Message:
        nonlocal got, more
        if not more:  # what follows is the wait for the client's leaving
            return await receive()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        got += len(message.get("body", b""))
        more = bool(message.get("more_body"))
        return {"type": "http.disconnect"} if largest is not None and got > largest else message

    return limited


async def _refuse(scope: Scope, send: Send, refused: _RefusedError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": str(refused)})
        return
    body = json.dumps({"error": {"code": refused.status.phrase.replace(" ", ""), "message": str(refused)}})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # whatever of the request has not been read is not wanted
    ]
    await send({"type": "http.response.start", "status": refused.status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
