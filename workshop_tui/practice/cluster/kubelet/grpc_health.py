"""The gRPC health check (grpc.health.v1.Health/Check), as far as a probe needs HTTP/2 for it.

One connection, one request: headers as literals without a table (RFC 7541, 6.2.2), one DATA frame, and of the
answer only the message; what its headers say needs no reading to tell whether the service is healthy.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.kubelet.requests import PodNetwork
    from workshop_tui.practice.cluster.ports import Object

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _GOAWAY = 0, 1, 4, 7
_END_STREAM, _END_HEADERS, _ACKNOWLEDGED = 1, 4, 1
_STATUSES = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
_NO_HEALTH = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health)"
_SERVING = 1


async def ask_health(network: PodNetwork, settings: Object, seconds: float) -> str:
    """Return "" for a service that says it is serving, else the kubelet's words."""
    port = network.port(settings["port"])
    service = settings.get("service") or ""
    name = f"{network.ip}:{port}"
    late = f'timeout: failed to connect service "{name}" within {seconds:g}s: context deadline exceeded'
    place = network.address(port)
    if place is None:
        return late  # the kubelet tries to connect until the time is over
    try:
        async with asyncio.timeout(seconds):
            status = await _check(place, name, service)
    except TimeoutError:
        return f"timeout: health rpc did not complete within {seconds:g}s"
    except OSError:
        return late
    if status is None:
        return _NO_HEALTH
    if status == _SERVING:
        return ""
    return f'service unhealthy (responded with "{_STATUSES.get(status, status)}")'


async def _check(place: tuple[str, int], authority: str, service: str) -> int | None:
    """Return the status a server answers with, None when it answers with none."""
    reader, writer = await asyncio.open_connection(*place)
    try:
        writer.write(_PREFACE + _frame(_SETTINGS, 0, 0, b""))
        fields = {
            ":method": "POST",
            ":scheme": "http",
            ":path": "/grpc.health.v1.Health/Check",
            ":authority": authority,
            "content-type": "application/grpc",
            "te": "trailers",
            "user-agent": "kube-probe/1.32",
        }
        headers = b"".join(map(_literal, fields, fields.values()))
        writer.write(_frame(_HEADERS, _END_HEADERS, 1, headers))
        name = service.encode()
        message = bytes((0x0A, len(name))) + name if name else b""
        body = b"\0" + len(message).to_bytes(4) + message
        writer.write(_frame(_DATA, _END_STREAM, 1, body))
        await writer.drain()
        return await _read_status(reader, writer)
    except asyncio.IncompleteReadError:
        return None
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _read_status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int | None:
    told = b""
    while True:
        head = await reader.readexactly(9)
        length, kind, flags = int.from_bytes(head[:3]), head[3], head[4]
        payload = await reader.readexactly(length)
        if kind == _SETTINGS and not flags & _ACKNOWLEDGED:
            writer.write(_frame(_SETTINGS, _ACKNOWLEDGED, 0, b""))
        elif kind == _DATA:
            told += payload
        elif kind == _GOAWAY:
            return None
        if kind in (_DATA, _HEADERS) and flags & _END_STREAM:
            return _status_of(told)


def _status_of(told: bytes) -> int | None:
    """Return the status in a HealthCheckResponse with its five bytes of gRPC before it."""
    if len(told) < 5:  # noqa: PLR2004 - the prefix
        return None
    message = told[5:]
    return message[1] if message[:1] == b"\x08" and len(message) > 1 else 0


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


def _literal(name: str, value: str) -> bytes:
    """Return a header field, never indexed and in plain bytes; names and values are shorter than 127."""
    return b"\0" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()
