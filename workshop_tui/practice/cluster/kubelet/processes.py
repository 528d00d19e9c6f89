"""Containers as plain processes: images of the embedded builder, run with a Python of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.environment import map_path
from workshop_tui.practice.cluster.kubelet.images import PYTHON_LABEL
from workshop_tui.practice.cluster.kubelet.interpreters import find_interpreter
from workshop_tui.practice.cluster.kubelet.memory import can_measure, exceeds, memory_limit
from workshop_tui.practice.cluster.kubelet.process_executions import Commands
from workshop_tui.practice.cluster.kubelet.process_images import (
    command_of,
    environment_of,
    places_of,
    runnable,
    view_of,
    workdir_of,
)
from workshop_tui.practice.cluster.kubelet.runtimes import EndedContainer, Exit
from workshop_tui.practice.files import write_private

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.kubelet.container_views import ContainerView
    from workshop_tui.practice.cluster.kubelet.executions import Execution
    from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
    from workshop_tui.practice.cluster.kubelet.runtimes import ContainerStart, Running

_PID_FILE = "process.json"
_NODE_FILE = "node.pid"
_INJECTED = Path(__file__).parent / "injected" / "sitecustomize.py"


def prepare_pod_folder(folder: Path) -> None:
    """Put what a container's Python imports first into the pod's folder (see injected/sitecustomize.py)."""
    (folder / "ports").mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(folder / "inject" / "sitecustomize.py", _INJECTED.read_text())
    release_ports(folder)


def has_run_processes(folder: Path) -> bool:
    """Return whether a container of the pod was ever a plain process."""
    return (folder / _NODE_FILE).exists()


def release_ports(folder: Path) -> None:
    """Forget the ports whose container has ended: the number may be another pod's by now."""
    for file in (folder / "ports").iterdir():
        with file.open("r+b") as opened, contextlib.suppress(BlockingIOError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a port in use is locked by who uses it
            opened.truncate(0)


def port_address(folder: Path, port: int) -> tuple[str, int] | None:
    """Return the loopback address a container of the pod noted for this port."""
    try:
        real = int((folder / "ports" / str(port)).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return "127.0.0.1", real


class ProcessRuntime:
    """Runs containers as children of this process, each in a session of its own."""

    async def start(self, what: ContainerStart) -> Running:
        """Start the image's command; see `Runtime.start`."""
        image = what.image
        assert image is not None  # noqa: S101 - the caller chose this runtime for the image
        if image.config.get("architecture") != "amd64":
            what.log.write("stderr", b"exec /usr/local/bin/python: exec format error")
            return EndedContainer(Exit(255))
        interpreter = await find_interpreter(image.labels.get(PYTHON_LABEL, "3.11"))
        home = what.folder / "containers" / what.name
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(what.folder / _NODE_FILE, str(os.getpid()))
        places = places_of(what, image, home)
        environment = environment_of(what, image, home, places)
        command = [map_path(part, places) for part in command_of(what, image, environment)]
        command = runnable(command, interpreter, image, environment)
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=map_path(workdir_of(what, image), places),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        about = {"pid": process.pid, "started": _started(process.pid)}
        write_private(home / _PID_FILE, json.dumps(about))
        limit = memory_limit(what.container) if can_measure() else None
        view = view_of(what, image, home, places=places, environment=environment, interpreter=interpreter)
        return ProcessContainer(process, what.log, what.folder, home / _PID_FILE, view=view, memory=limit)


class ProcessContainer:
    """One process (and whatever it started) that is a container."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        log: ContainerLog,
        folder: Path,
        pid_file: Path,
        *,
        view: ContainerView,
        memory: int | None = None,
    ) -> None:
        self._process = process
        self._commands = Commands(view)
        self._memory = memory
        self._is_out_of_memory = False
        self._folder = folder
        self._pid_file = pid_file
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - they are pipes
        self._copying = asyncio.gather(log.copy("stdout", process.stdout), log.copy("stderr", process.stderr))

    @property
    def identifier(self) -> str:
        """Process id, as a container id."""
        return f"process://{self._process.pid}"

    async def wait(self) -> Exit:
        """Wait for the process, end what it left behind, and read its output to the end."""
        guard = asyncio.create_task(self._keep_to_memory())
        try:
            code = await self._process.wait()
        finally:
            guard.cancel()
        _signal_group(self._process.pid, signal.SIGKILL)
        await self._commands.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.shield(self._copying)
        release_ports(self._folder)
        self._pid_file.unlink(missing_ok=True)
        return Exit(code if code >= 0 else 128 - code, "OOMKilled" if self._is_out_of_memory else "")

    async def _keep_to_memory(self) -> None:
        """Kill the container once it is over its memory limit, if it has one."""
        if self._memory is not None:
            await exceeds(self._process.pid, self._memory)
            self._is_out_of_memory = True
            _signal_group(self._process.pid, signal.SIGKILL)

    async def stop(self, grace_seconds: float) -> None:
        """Send TERM, then KILL after the grace."""
        _signal_group(self._process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(max(grace_seconds, 0.01)):
                await self._process.wait()
        except TimeoutError:
            _signal_group(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        _signal_group(self._process.pid, signal.SIGKILL)
        await self._commands.end()
        release_ports(self._folder)
        self._pid_file.unlink(missing_ok=True)

    def address(self, port: int) -> tuple[str, int] | None:
        """Return where the pod's port is; see port_address."""
        return port_address(self._folder, port) if self._process.returncode is None else None

    async def execute(self, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:
        """Start a command beside it, with its environment and its view of files; see `Running.execute`."""
        return await self._commands.start(command, terminal=terminal, stdin=stdin)


def kill_leftovers(pods: Path) -> list[int]:
    """End the processes an earlier node left behind; return their ids.

    A process is only ended when it started at the noted moment: ids are used again. On Linux those that
    nobody had time to note, and those that left their session, are known by their environment.
    """
    ended = []
    for file in pods.glob(f"*/containers/*/{_PID_FILE}"):
        about = json.loads(file.read_text())
        if about["started"] and _started(about["pid"]) == about["started"]:
            _signal_group(about["pid"], signal.SIGKILL)
            ended.append(about["pid"])
        file.unlink(missing_ok=True)
    return [*ended, *(pid for pid in end_strays(pods) if pid not in ended)]


def end_strays(folder: Path) -> list[int]:
    """End what apps of a pod (or of all pods) left running outside of their session; return the ids.

    Where pods have process namespaces, nothing outlives its container either. Linux only.
    """
    strays = _started_from(folder)
    for pid in strays:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return strays


def _started_from(folder: Path) -> list[int]:
    """Return the ids of the processes whose module path begins in this folder."""
    sign = b"PYTHONPATH=" + os.fsencode(folder) + b"/"
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # another user's, or gone
            if sign in file.read_bytes():
                found.append(int(file.parent.name))
    return found


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _started(pid: int) -> str:
    """Return a text that says when the process started, "" when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except FileNotFoundError:
        pass
    if Path("/proc/self").exists():
        return ""
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)  # noqa: S603 - ps
    return told.stdout.strip()
