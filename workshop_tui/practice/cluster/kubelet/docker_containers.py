"""Containers run by Docker: images that Docker built, pulled by the daemon from the registry, by digest.

They share this machine's network, with the same file on their module path as plain processes have, so that
the app's port becomes a loopback port of its own. The SDK blocks: every call is in a daemon thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from workshop_tui.practice.cluster.kubelet.docker_executions import start_in_docker
from workshop_tui.practice.cluster.kubelet.environment import expand
from workshop_tui.practice.cluster.kubelet.processes import port_address, release_ports
from workshop_tui.practice.cluster.kubelet.runtimes import RUN_ERROR, Exit, StartError
from workshop_tui.practice.cluster.quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.executions import Execution
    from workshop_tui.practice.cluster.kubelet.logs import ContainerLog
    from workshop_tui.practice.cluster.kubelet.runtimes import ContainerStart

T = TypeVar("T")

NODE_LABEL = "dev.workshop-tui.node"
_PLACE = "/workshop-tui-node"
_RUNTIME_FAILED = "OCI runtime create failed"
_CALL_SECONDS, _PULL_SECONDS = 20.0, 600.0


async def in_daemon_thread(call: Callable[[], T], timeout_seconds: float | None) -> T:
    """Return what a blocking call returns; a call that hangs is left behind and keeps nothing from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_: Callable[[Any], None], value: object) -> None:
        if not future.done():
            set_(value)

    def work() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits
            _tell(loop, settle, future.set_exception, error)
        else:
            _tell(loop, settle, future.set_result, result)

    threading.Thread(target=work, daemon=True, name="docker").start()
    async with asyncio.timeout(timeout_seconds):
        return await future


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: object) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(call, *arguments)


class DockerRuntime:
    """Runs containers with the Docker daemon of this machine."""

    def __init__(self, folder: Path) -> None:
        self._mark = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        self._used = folder / "docker-used"

    async def start(self, what: ContainerStart) -> DockerContainer:
        """Pull by digest and start; see `Runtime.start`."""
        client = await self._client()
        image = what.image
        assert image is not None  # noqa: S101 - the caller chose this runtime for the image
        self._used.touch()
        _open_to_any_user(what.folder)
        settings = _settings(what, f"{image.reference.name}@{image.digest}", self._mark)
        try:
            await in_daemon_thread(lambda: _fetch(client, image.reference.name, image.digest), _PULL_SECONDS)
            container = await create_or_remove(client, settings)
        except Exception as error:
            raise StartError("CreateContainerError", f"Docker: {error or type(error).__name__}") from error
        try:
            await in_daemon_thread(container.start, _CALL_SECONDS)
            output = await in_daemon_thread(
                lambda: container.attach(stdout=True, stderr=True, stream=True, logs=True, demux=True),
                _CALL_SECONDS,
            )
        except BaseException as error:
            await _removed(container)
            if isinstance(error, Exception):
                raise StartError(RUN_ERROR, _words_of(error)) from error
            raise
        return DockerContainer(container, output, what.log, what.folder)

    async def remove_leftovers(self) -> None:
        """Remove the containers an earlier node left behind, if it ever used Docker."""
        if not self._used.exists():
            return
        with contextlib.suppress(StartError, TimeoutError):
            client = await self._client()
            wanted = {"label": f"{NODE_LABEL}={self._mark}"}
            found = await in_daemon_thread(
                lambda: client.containers.list(all=True, filters=wanted), _CALL_SECONDS
            )
            for container in found:
                await _removed(container)
            self._used.unlink(missing_ok=True)

    @staticmethod
    async def _client() -> Any:  # noqa: ANN401 - the SDK has no types
        def connect() -> Any:  # noqa: ANN401 - likewise
            import docker  # noqa: PLC0415 - a fifth of a second that most pods never need

            client = docker.from_env(timeout=int(_PULL_SECONDS))
            client.ping()
            return client

        try:
            return await in_daemon_thread(connect, _CALL_SECONDS)
        except Exception as error:
            message = (
                "this image was built by Docker, and no Docker daemon answers here to run it: "
                "start Docker, or build and push again without it (the embedded builder's images need none)"
            )
            raise StartError("CreateContainerError", message) from error


def _words_of(error: Exception) -> str:
    """Return what containerd would say of a container that Docker can't start."""
    told = str(getattr(error, "explanation", "") or error or type(error).__name__)
    _, found, why = told.partition(_RUNTIME_FAILED)
    shim = "failed to create containerd task: failed to create shim task: "
    return f"{shim}{found}{why}" if found else f"Docker: {told}"


def _fetch(client: Any, name: str, digest: str) -> None:  # noqa: ANN401 - the SDK has no types
    """Pull the image by digest, unless the daemon has it: it may have expired in the registry since."""
    import docker  # noqa: PLC0415 - see connect

    try:
        client.images.get(f"{name}@{digest}")
    except docker.errors.ImageNotFound:
        client.images.pull(name, tag=digest, platform="linux/amd64")


async def create_or_remove(client: Any, settings: dict[str, Any]) -> Any:  # noqa: ANN401 - the SDK has no types
    """Create the container; where its pod is deleted meanwhile, remove it again."""
    creating = asyncio.ensure_future(
        in_daemon_thread(lambda: client.containers.create(**settings), _CALL_SECONDS)
    )
    try:
        return await asyncio.shield(creating)
    except asyncio.CancelledError:
        # The daemon makes it all the same, and nobody else would know of it.
        with contextlib.suppress(Exception):
            await _removed(await creating)
        raise


def _open_to_any_user(folder: Path) -> None:
    """Let an image's own user read what is injected and note ports; the pods' folder itself stays closed."""
    (folder / "inject" / "sitecustomize.py").chmod(0o644)
    (folder / "inject").chmod(0o755)
    (folder / "ports").chmod(0o777)


def _settings(what: ContainerStart, image: str, mark: str) -> dict[str, Any]:
    """Return the arguments that create the container."""
    assert what.image is not None  # noqa: S101 - see start
    own = dict(entry.partition("=")[::2] for entry in what.image.settings.get("Env") or [])
    authority = what.node_environment["SSL_CERT_FILE"]
    node = {k: f"{_PLACE}/ca.pem" if v == authority else v for k, v in what.node_environment.items()}
    environment = {**node, **own, **what.environment}
    path = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{_PLACE}/inject" + (f":{path}" if path else "")
    volumes = {
        str(what.folder / "inject"): {"bind": f"{_PLACE}/inject", "mode": "ro"},
        str(what.folder / "ports"): {"bind": f"{_PLACE}/ports", "mode": "rw"},
        authority: {"bind": f"{_PLACE}/ca.pem", "mode": "ro"},
    }
    for mount in what.mounts:
        volumes[str(mount.source)] = {"bind": mount.path, "mode": "ro" if mount.read_only else "rw"}
    command = [expand(part, environment) for part in what.container.get("command") or []]
    arguments = [expand(part, environment) for part in what.container.get("args") or []]
    limit = ((what.container.get("resources") or {}).get("limits") or {}).get("memory")
    return {
        "image": image,
        "entrypoint": command or None,
        "command": arguments or None,
        "environment": environment,
        "working_dir": what.container.get("workingDir") or None,
        "network_mode": "host",
        "volumes": volumes,
        "mem_limit": int(parse_quantity(limit)) if limit else None,
        "memswap_limit": int(parse_quantity(limit)) if limit else None,
        "labels": {NODE_LABEL: mark, "dev.workshop-tui.pod": what.pod["metadata"]["uid"]},
        "detach": True,
    }


@dataclass(slots=True)
class DockerContainer:
    """A container of Docker's that belongs to a pod."""

    _container: Any
    _output: Iterable[tuple[bytes | None, bytes | None]]
    _log: ContainerLog
    _folder: Path
    _running: bool = True

    @property
    def identifier(self) -> str:
        """Docker's id of it."""
        return f"docker://{self._container.id}"

    async def wait(self) -> Exit:
        """Wait for its end, then remove it."""
        copying = asyncio.ensure_future(in_daemon_thread(self._copier(), None))
        try:
            ended = await in_daemon_thread(self._container.wait, None)
            self._running = False
            release_ports(self._folder)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await asyncio.shield(copying)
            await in_daemon_thread(self._container.reload, _CALL_SECONDS)
            killed = bool(self._container.attrs["State"].get("OOMKilled"))
        finally:
            copying.cancel()
        await _removed(self._container)
        return Exit(int(ended["StatusCode"]), "OOMKilled" if killed else "")

    async def stop(self, grace_seconds: float) -> None:
        """Stop and remove it."""
        grace = int(grace_seconds)
        with contextlib.suppress(Exception):
            await in_daemon_thread(lambda: self._container.stop(timeout=grace), grace + _CALL_SECONDS)
        self._running = False
        await _removed(self._container)

    def address(self, port: int) -> tuple[str, int] | None:
        """Return where the pod's port is; see port_address."""
        return port_address(self._folder, port) if self._running else None

    async def execute(self, command: Sequence[str], *, terminal: bool, stdin: bool) -> Execution:
        """Start a command beside its own; see `Running.execute`."""

        def call(blocking: Callable[[], Any]) -> Awaitable[Any]:
            return in_daemon_thread(blocking, _CALL_SECONDS)

        api, identifier = self._container.client.api, self._container.id
        return await start_in_docker(api, call, identifier, command, terminal=terminal, stdin=stdin)

    def _copier(self) -> Callable[[], None]:
        """Return what reads its output, in a thread, and hands whole lines to the log, in this loop."""
        loop = asyncio.get_running_loop()

        def write(stream: str, line: bytes) -> None:
            if not self._log.ended:
                self._log.write(stream, line)

        def copy() -> None:
            waiting = {"stdout": b"", "stderr": b""}
            for pair in self._output:
                for stream, data in zip(waiting, pair, strict=True):
                    *lines, waiting[stream] = (waiting[stream] + (data or b"")).split(b"\n")
                    for line in lines:
                        _tell(loop, write, stream, line)
            for stream, line in waiting.items():
                if line:
                    _tell(loop, write, stream, line)

        return copy


async def _removed(container: Any) -> None:  # noqa: ANN401 - the SDK has no types
    """Remove a container, whatever its state; one that is gone already is as good."""
    with contextlib.suppress(Exception):
        await in_daemon_thread(lambda: container.remove(force=True), _CALL_SECONDS)
