"""`port-forward`: connections to a pod's ports, each a pair of streams: one for bytes, one for an error."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from workshop_tui.practice.cluster.streams.channels import Message
from workshop_tui.practice.cluster.streams.exec import until_gone
from workshop_tui.practice.cluster.streams.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workshop_tui.practice.cluster.streams.spdy_session import SpdySession, SpdyStream
    from workshop_tui.practice.cluster.streams.websocket import WebSocket

_CHUNK = 64 * 1024


class Ends(Protocol):
    """One forwarded connection to the client, with bytes in both directions."""

    async def read(self) -> bytes:
        """Return what the client sent next; b"" at the end."""

    async def write(self, data: bytes) -> None:
        """Send to the client."""


@dataclass(frozen=True, slots=True)
class ForwardedPod:
    """The pod whose ports are forwarded.

    Attributes:
        sandbox: the id its sandbox would have.
        is_there: whether it still is.
        address: the loopback address behind one of its ports, None when nothing listens.

    """

    sandbox: str
    is_there: Callable[[], bool]
    address: Callable[[int], tuple[str, int] | None]


def sandbox_of(uid: str) -> str:
    """Return the id of a pod's sandbox: no sandbox here, so it is made from the pod's uid."""
    return hashlib.sha256(uid.encode()).hexdigest()


async def forward(ends: Ends, pod: ForwardedPod, port: int) -> str:
    """Connect to the pod's port and copy until the pod ends the connection; return an error's text or ""."""
    if not pod.is_there():
        return _failed(pod, port, f'failed to find sandbox "{pod.sandbox}" in store: not found')
    address = pod.address(port)
    try:
        if address is None:
            raise ConnectionRefusedError
        reader, writer = await asyncio.open_connection(*address)
    except OSError:
        return _failed(pod, port, _refused(pod, port))
    sending = asyncio.ensure_future(_send(ends, writer))
    try:
        while data := await reader.read(_CHUNK):
            await ends.write(data)
    except ConnectionError:
        local, remote = writer.get_extra_info("sockname")[1], port
        reset = f"read tcp4 127.0.0.1:{local}->127.0.0.1:{remote}: read: connection reset by peer"
        return _failed(
            pod, port, f"failed to execute portforward in network namespace {_namespace(pod)}: {reset}"
        )
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return ""


async def _send(ends: Ends, writer: asyncio.StreamWriter) -> None:
    while data := await ends.read():
        writer.write(data)
        await writer.drain()
    writer.write_eof()


def _failed(pod: ForwardedPod, port: int, why: str) -> str:
    return f"error forwarding port {port} to pod {pod.sandbox}, uid : {why}"


def _namespace(pod: ForwardedPod) -> str:
    mark = pod.sandbox
    return f'"/var/run/netns/cni-{mark[:8]}-{mark[8:12]}-{mark[12:16]}-{mark[16:20]}-{mark[20:32]}"'


def _refused(pod: ForwardedPod, port: int) -> str:
    return (
        f"failed to execute portforward in network namespace {_namespace(pod)}: "
        f'failed to connect to localhost:{port} inside namespace "{pod.sandbox}", '
        f"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused "
        f"IPv6 dial tcp6 [::1]:{port}: connect: connection refused "
    )


async def forward_streams(session: SpdySession, pod: ForwardedPod) -> None:
    """Serve connections whose pairs of streams a client opens over SPDY, until it goes."""
    halves: dict[str, SpdyStream] = {}
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(session.serve())
        forwarding: set[asyncio.Task[None]] = set()
        while (opened := await session.accept()) is not None:
            request = opened.headers.get("requestid", "")
            other = halves.pop(request, None)
            if other is None:
                halves[request] = opened
                continue
            pair = (other, opened) if opened.headers.get("streamtype") == "data" else (opened, other)
            task = group.create_task(_forward_pair(*pair, pod))
            forwarding.add(task)
            task.add_done_callback(forwarding.discard)
        await serving
        for task in forwarding:
            task.cancel()


async def _forward_pair(error: SpdyStream, data: SpdyStream, pod: ForwardedPod) -> None:
    """Forward one connection; it ends with the pod's side, or when the client resets it."""
    port = int(data.headers.get("port", "0"))
    forwarding = asyncio.ensure_future(forward(data, pod, port))
    gone = asyncio.ensure_future(data.was_reset.wait())
    try:
        await asyncio.wait([forwarding, gone], return_when=asyncio.FIRST_COMPLETED)
        why = forwarding.result() if forwarding.done() else ""
    finally:
        forwarding.cancel()
        gone.cancel()
        await asyncio.gather(forwarding, gone, return_exceptions=True)
    if why:
        await error.write(why.encode())
    await error.close()
    await data.close()


@dataclass(slots=True)
class ChannelEnds:
    """One port's channel in a WebSocket."""

    socket: WebSocket
    channel: int
    inbox: Inbox = field(default_factory=Inbox)

    async def read(self) -> bytes:
        """Return what the client sent next."""
        return await self.inbox.get()

    async def write(self, data: bytes) -> None:
        """Send to the client."""
        await self.socket.write(Message(self.channel, data).pack())


async def forward_channels(socket: WebSocket, ports: Sequence[int], pod: ForwardedPod) -> None:
    """Serve one connection per port, in channels of a WebSocket; ends with them all, or with the client."""
    ends = [ChannelEnds(socket, 2 * index) for index in range(len(ports))]
    for each, port in zip(ends, ports, strict=True):
        for channel in (each.channel, each.channel + 1):
            await socket.write(Message(channel, port.to_bytes(2, "little")).pack())

    async def take() -> None:
        while (raw := await socket.read()) is not None:
            message = Message.parse(raw)
            if message is not None and message.channel in range(0, 2 * len(ends), 2):
                await ends[message.channel // 2].inbox.put(message.data)

    async def serve(each: ChannelEnds, port: int) -> None:
        why = await forward(each, pod, port)
        each.inbox.refuse()
        if why:
            await socket.write(Message(each.channel + 1, why.encode()).pack())

    async def serve_all() -> None:
        async with asyncio.TaskGroup() as group:
            for each, port in zip(ends, ports, strict=True):
                group.create_task(serve(each, port))
        await socket.close()

    await until_gone(take(), serve_all())
