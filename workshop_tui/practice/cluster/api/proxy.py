"""Requests passed on to a pod, directly or through a Service: the way into the cluster for checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from starlette.responses import StreamingResponse

from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target

TIMEOUT = httpx.Timeout(10, read=90)
"""Seconds; a description from a slow model still gets through."""
_NOT_PASSED_ON = frozenset(
    {"authorization", "host", "connection", "keep-alive", "transfer-encoding", "te", "upgrade"}
    | {"proxy-authorization", "content-length", "impersonate-user"}
)
_NOT_PASSED_BACK = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


async def pass_on(api: Api, target: Target, request: Request) -> Response:
    """Send the request to the pod and its answer back; ApiError ServiceUnavailable when there is none."""
    address, shown = _address(api, target)
    url = httpx.URL(f"http://{address[0]}:{address[1]}/{target.rest}", query=request.url.query.encode())
    headers = [
        (name, value) for name, value in request.headers.raw if name.decode().lower() not in _NOT_PASSED_ON
    ]
    forwarded = api.proxy_client.build_request(
        request.method, url, headers=headers, content=await request.body(), timeout=TIMEOUT
    )
    try:
        answer = await api.proxy_client.send(forwarded, stream=True)
    except httpx.ConnectError:
        message = f"error trying to reach service: dial tcp {shown}: connect: connection refused"
        raise ApiError(503, "ServiceUnavailable", message) from None
    except httpx.TransportError as error:
        late = isinstance(error, httpx.TimeoutException)
        message = f"error trying to reach service: {'context deadline exceeded' if late else 'EOF'}"
        raise ApiError(503, "ServiceUnavailable", message) from None
    response = StreamingResponse(_body(answer), answer.status_code)
    response.raw_headers = [
        (name.lower(), value)
        for name, value in answer.headers.raw
        if name.decode().lower() not in _NOT_PASSED_BACK
    ]
    return response


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()


def _address(api: Api, target: Target) -> tuple[tuple[str, int], str]:
    """Return the loopback address, and the address as the cluster would call it."""
    scheme, name, port = _split(target.name)
    if scheme == "https":
        raise ApiError(503, "ServiceUnavailable", "error trying to reach service: pods here speak no TLS")
    if target.resource.kind == "Pod":
        return _pod_address(api, target.namespace, name, port)
    service = api.objects.get("services", target.namespace, name)
    ports = service["spec"].get("ports", [])
    wanted = _port(ports[0]["port"] if not port and len(ports) == 1 else port)
    matching = [each for each in ports if wanted in (each["port"], each.get("name"))]
    if not matching:
        raise ApiError(503, "ServiceUnavailable", f'no service port "{port}" found for service "{name}"')
    found = api.router.resolve(target.namespace, name, wanted)
    if found is None:
        raise ApiError(503, "ServiceUnavailable", f'no endpoints available for service "{name}"')
    return found, f"{service['spec'].get('clusterIP')}:{matching[0]['port']}"


def _pod_address(api: Api, namespace: str, name: str, port: str) -> tuple[tuple[str, int], str]:
    pod = api.objects.get("pods", namespace, name)
    declared = [each for container in pod["spec"]["containers"] for each in container.get("ports", [])]
    number = _port(port)
    if not port:
        number = declared[0]["containerPort"] if declared else 80
    if isinstance(number, str):
        named = [each["containerPort"] for each in declared if each.get("name") == number]
        if not named:
            raise bad_request(f"pod {name} has no port named {number}")
        number = named[0]
    found = api.runtime.address(namespace, name, number)
    shown = f"{pod.get('status', {}).get('podIP', '')}:{number}"
    if found is None:
        message = f"error trying to reach service: dial tcp {shown}: connect: connection refused"
        raise ApiError(503, "ServiceUnavailable", message)
    return found, shown


def _port(text: str | int) -> int | str:
    return int(text) if str(text).isdigit() else text


def _split(name: str) -> tuple[str, str, str]:
    """Return scheme, name and port of `name`, `name:port` or `scheme:name:port`."""
    parts = name.split(":")
    match parts:
        case [only]:
            return "", only, ""
        case [first, second]:
            return "", first, second
        case [scheme, first, second] if scheme in ("", "http", "https"):
            return scheme, first, second
        case _:
            raise bad_request(f'invalid service request "{name}"')
