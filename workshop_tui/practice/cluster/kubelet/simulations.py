"""Containers of built-in images: an ASGI program on a loopback port of this process."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from uuid import uuid4

from workshop_tui.practice.cluster.kubelet.built_in import RefusesToStartError
from workshop_tui.practice.cluster.kubelet.pod_ports import PodPort, PortTakenError
from workshop_tui.practice.cluster.kubelet.runtimes import EndedContainer, Exit
from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp

    from workshop_tui.practice.cluster.kubelet.built_in import Factory
    from workshop_tui.practice.cluster.kubelet.runtimes import ContainerStart, Running
    from workshop_tui.practice.context import Practice


class SimulatedRuntime:
    """Starts one built-in program."""

    def __init__(self, practice: Practice, program: Factory) -> None:
        self._practice = practice
        self._program = program

    async def start(self, what: ContainerStart) -> Running:
        """Serve the program on a free port for each port the container names; see `Runtime.start`."""
        what.log.say("simulated: this image is built into the practice cloud, it was not pulled")
        try:
            app = self._program(self._practice, what.environment, what.log)
        except RefusesToStartError as refusal:
            what.log.write("stderr", f"Exception: {refusal}".encode())
            return EndedContainer(Exit(1))
        running = SimulatedContainer()
        try:
            for port in what.container.get("ports") or []:
                await running.listen(app, what.folder, port["containerPort"])
        except PortTakenError as error:
            await running.stop(0)
            place, why = ("0.0.0.0", error.args[0]), "address already in use"  # noqa: S104
            text = f"ERROR:    [Errno 98] error while attempting to bind on address {place}: {why}"
            what.log.write("stderr", text.encode())
            return EndedContainer(Exit(1))
        return running


class SimulatedContainer:
    """A built-in program that runs until it is stopped."""

    def __init__(self) -> None:
        self.identifier = f"simulated://{uuid4().hex}"
        self.servers = AsyncExitStack()
        self.ports: dict[int, int] = {}
        self.exited: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()

    async def listen(self, app: ASGIApp, folder: Path, port: int) -> None:
        """Serve the program behind a port of the pod; PortTakenError."""
        claimed = PodPort(folder, port)
        self.servers.callback(claimed.release)
        real = await self.servers.enter_async_context(serve_on_loopback(app))
        claimed.note(real)
        self.ports[port] = real

    async def wait(self) -> Exit:
        """Wait until it is stopped."""
        return await asyncio.shield(self.exited)

    async def stop(self, grace_seconds: float) -> None:  # noqa: ARG002 - it ends at once
        """Close its ports."""
        self.ports.clear()
        await self.servers.aclose()
        if not self.exited.done():
            self.exited.set_result(Exit(0))

    def address(self, port: int) -> tuple[str, int] | None:
        """Return where the port is."""
        return ("127.0.0.1", self.ports[port]) if port in self.ports else None
