"""Requests for exec, attach and port-forward: what is refused, which protocol is spoken, and the session."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from workshop_tui.practice.cluster.api.logs import chosen_container
from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.streams.attach import attach
from workshop_tui.practice.cluster.streams.channels import V4, V5, ChannelStreams
from workshop_tui.practice.cluster.streams.exec import execute, internal_error, until_gone
from workshop_tui.practice.cluster.streams.port_forward import (
    ForwardedPod,
    forward_channels,
    forward_streams,
    sandbox_of,
)
from workshop_tui.practice.cluster.streams.spdy_session import SpdySession
from workshop_tui.practice.cluster.streams.spdy_streams import PROTOCOLS, SpdyStreams
from workshop_tui.practice.cluster.streams.websocket import Tunnel, WebSocket, accept_key
from workshop_tui.practice.upgrades import EXTENSION, Upgrade

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.streams.exec import CommandStreams
    from workshop_tui.practice.upgrades import Connection

    Session = Callable[[Connection], Awaitable[None]]

TUNNEL = "SPDY/3.1+portforward.k8s.io"
PORT_FORWARD = "portforward.k8s.io"
_HIGHEST_PORT = 65535

logger = logging.getLogger(__name__)


class Switch(Response):
    """101, and then a session on the connection until it is over."""

    def __init__(self, upgrade: Upgrade, headers: dict[str, str], session: Session) -> None:
        super().__init__(status_code=101)
        names = {
            "connection": "Upgrade",
            "upgrade": "SPDY/3.1" if upgrade.kind != "websocket" else "websocket",
        }
        self.raw_headers = [(k.encode(), v.encode()) for k, v in {**names, **headers}.items()]
        self._upgrade = upgrade
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Switch and serve."""
        await send({"type": "http.response.start", "status": 101, "headers": self.raw_headers})
        connection = self._upgrade.connection
        assert connection is not None  # noqa: S101 - 101 was sent
        try:
            await self._session(connection)
        except Exception:
            logger.exception("fault in a stream of %s", scope["path"])
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """What of a command the client asks for."""

    container: str
    command: Sequence[str]
    stdin: bool
    stdout: bool
    stderr: bool
    terminal: bool

    @classmethod
    def of(cls, parameters: QueryParams) -> CommandOptions:
        """Read the query's parameters."""
        terminal = is_on(parameters, "tty")
        return cls(
            container=parameters.get("container", ""),
            command=parameters.getlist("command"),
            stdin=is_on(parameters, "stdin"),
            stdout="stdout" not in parameters or is_on(parameters, "stdout"),
            stderr=("stderr" not in parameters or is_on(parameters, "stderr")) and not terminal,
            terminal=terminal,
        )

    @property
    def streams(self) -> int:
        """How many streams a SPDY client opens, the one for errors among them."""
        return 1 + self.stdin + self.stdout + self.stderr + self.terminal


def stream(api: Api, target: Target, request: Request) -> Response:
    """Answer a request for one of the three; ApiError when it is refused."""
    pod = api.objects.get("pods", target.namespace, target.name)
    if target.subresource == "portforward":
        return _port_forward(api, pod, request)
    return _command(api, target, pod, request)


def _upgrade_of(request: Request) -> Upgrade:
    upgrade = request.scope.get("extensions", {}).get(EXTENSION)
    if not isinstance(upgrade, Upgrade):
        raise bad_request("Upgrade request required")
    return upgrade


def _offered(request: Request, header: str) -> list[str]:
    listed = ",".join(request.headers.getlist(header))
    return [each.strip() for each in listed.split(",") if each.strip()]


def _negotiated(request: Request, supported: Sequence[str]) -> str:
    """Return the first SPDY stream protocol of the client's that we speak, too; ApiError Forbidden."""
    offered = _offered(request, "x-stream-protocol-version")
    for each in offered:
        if each in supported:
            return each
    message = (
        "unable to upgrade: unable to negotiate protocol: "
        f"client supports [{' '.join(offered)}], server accepts [{' '.join(supported)}]"
    )
    raise ApiError(403, "Forbidden", message)


def _websocket_protocol(request: Request, supported: Sequence[str], *, optional: bool) -> str:
    offered = _offered(request, "sec-websocket-protocol")
    if not offered and optional:
        return ""
    for each in offered:
        if each in supported:
            return each
    raise bad_request(
        f"requested protocol(s) are not supported: [{' '.join(offered)}]; supports [{' '.join(supported)}]"
    )


def _websocket_headers(request: Request, protocol: str) -> dict[str, str]:
    headers = {"sec-websocket-accept": accept_key(request.headers.get("sec-websocket-key", ""))}
    return headers | ({"sec-websocket-protocol": protocol} if protocol else {})


# commands


def _command(api: Api, target: Target, pod: Object, request: Request) -> Response:
    options = CommandOptions.of(request.query_params)
    if not (options.stdin or options.stdout or options.stderr):
        raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    container = chosen_container(pod, options.container)
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {target.name} does not have a host assigned")
    upgrade = _upgrade_of(request)
    running = api.runtime.running(target.namespace, target.name, container)
    missing = f'container not found ("{container}")'

    async def work(streams: CommandStreams, *, translated: bool) -> None:
        if running is None:
            await streams.begin()
            await streams.finish(internal_error(f"unable to upgrade connection: {missing}"))
        elif target.subresource == "attach":
            await attach(streams, api.runtime, target.namespace, target.name, container)
        else:
            await execute(
                streams,
                running,
                options.command,
                terminal=options.terminal,
                stdin=options.stdin,
                translated=translated,
            )

    if upgrade.kind == "websocket":
        protocol = _websocket_protocol(request, (V5, V4), optional=False)
        headers = _websocket_headers(request, protocol)
        if running is None and protocol == V4:  # the API server passes the node's own refusal on
            return Response(missing, 500, media_type="text/plain")

        async def over_channels(connection: Connection) -> None:
            streams = ChannelStreams(WebSocket(connection), protocol)
            await until_gone(streams.serve(), work(streams, translated=protocol == V5))

        return Switch(upgrade, headers, over_channels)
    protocol = _negotiated(request, PROTOCOLS)
    if running is None:
        return Response(missing, 500, media_type="text/plain")

    async def over_spdy(connection: Connection) -> None:
        streams = SpdyStreams(SpdySession(connection), options.streams)
        await until_gone(streams.serve(), work(streams, translated=False))

    return Switch(upgrade, {"x-stream-protocol-version": protocol}, over_spdy)


# ports


def _port_forward(api: Api, pod: Object, request: Request) -> Response:
    metadata = pod["metadata"]
    namespace, name, uid = metadata["namespace"], metadata["name"], metadata["uid"]
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {name} does not have a host assigned")
    upgrade = _upgrade_of(request)

    def is_there() -> bool:
        found = api.objects.find("pods", namespace, name)
        return found is not None and found["metadata"]["uid"] == uid

    forwarded = ForwardedPod(
        sandbox_of(uid), is_there, lambda port: api.runtime.address(namespace, name, port)
    )
    if upgrade.kind != "websocket":
        protocol = _negotiated(request, (PORT_FORWARD,))
        return Switch(
            upgrade,
            {"x-stream-protocol-version": protocol},
            lambda connection: forward_streams(SpdySession(connection), forwarded),
        )
    protocol = _websocket_protocol(request, (TUNNEL, V4), optional=True)
    headers = _websocket_headers(request, protocol)
    if protocol == TUNNEL:
        return Switch(
            upgrade,
            headers,
            lambda connection: forward_streams(SpdySession(Tunnel(WebSocket(connection))), forwarded),
        )
    ports = _ports(request)
    return Switch(
        upgrade,
        headers,
        lambda connection: forward_channels(WebSocket(connection), ports, forwarded),
    )


def _ports(request: Request) -> list[int]:
    """Return the ports that the query names; ApiError BadRequest."""
    texts = [text for each in request.query_params.getlist("ports") for text in each.split(",")]
    if not texts:
        raise bad_request('query parameter "port" is required')
    for text in texts:
        if not text.isdigit() or not 0 < int(text) <= _HIGHEST_PORT:
            raise bad_request(f'unable to parse "{text}" as a port')
    return [int(text) for text in texts]
