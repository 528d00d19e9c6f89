"""Containers of built-in images: an ASGI program on a loopback port of this process."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from uuid import uuid4

from workshop_tui.practice.cluster.kubelet.built_in import RefusesToStartError
from workshop_tui.practice.cluster.kubelet.executions import not_found
from workshop_tui.practice.cluster.kubelet.pod_ports import PodPort, PortTakenError
from workshop_tui.practice.cluster.kubelet.runtimes import EndedContainer, Exit
from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp

    from workshop_tui.practice.cluster.kubelet.built_in import Factory
    from workshop_tui.practice.cluster.kubelet.executions import Execution
    from workshop_tui.practice.cluster.kubelet.runtimes import ContainerStart, Running
    from workshop_tui.practice.context import Practice

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


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
        running = SimulatedContainer(_variables(what))
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

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
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

    async def execute(self, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:  # noqa: ARG002
        """Show its environment; there is no other program in it. See `Running.execute`."""
        program, *names = command
        if program.rpartition("/")[2] == "env" and not names:
            return PrintedText(_lines(self._variables), 0)
        if program.rpartition("/")[2] == "printenv":
            shown = {name: self._variables[name] for name in names if name in self._variables}
            text = "".join(f"{value}\n" for value in shown.values()) if names else _lines(self._variables)
            return PrintedText(text, 0 if len(shown) == len(set(names)) else 1)
        raise not_found(program)


class PrintedText:
    """A command that printed a text and ended; see `Execution`."""

    def __init__(self, text: str, code: int) -> None:
        self._text = text
        self._code = code

    async def output(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield the text."""
        yield "stdout", self._text.encode()

    async def write(self, data: bytes) -> None:
        """Do nothing: it reads no input."""

    async def end_input(self) -> None:
        """Do nothing."""

    async def resize(self, columns: int, rows: int) -> None:
        """Do nothing."""

    async def wait(self) -> int:
        """Return its exit code."""
        return self._code

    async def kill(self) -> None:
        """Do nothing: it has ended."""


def _lines(variables: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def _variables(what: ContainerStart) -> dict[str, str]:
    """Return what `printenv` shows: the pod's variables, and those of every container."""
    first = {"PATH": _PATH, "HOSTNAME": what.pod["metadata"]["name"]}
    return {**first, **what.node_environment, **what.environment, "HOME": "/root"}
