"""The Docker daemon that the workshop's builder would use."""

from __future__ import annotations

import shutil
from typing import Any

from workshop_tui.cloud import docker_client
from workshop_tui.cloud.machine.programs import read_buildx
from workshop_tui.cloud.text import clean
from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.model.machine import DockerDaemon

_SECONDS = 3.5


async def read_docker_daemon() -> DockerDaemon:
    """Ask the daemon for its version and platform, as the builder would."""

    def ask() -> dict[str, Any]:
        client = docker_client.connect()
        try:
            told: dict[str, Any] = client.version()
        finally:
            client.close()
        return told

    try:
        told = await in_daemon_thread(ask, seconds=_SECONDS)
    except TimeoutError:
        return DockerDaemon("silent", f"no answer within {_SECONDS:.0f} seconds")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with Docker here, it cannot be used
        return DockerDaemon(_trouble(error), clean(error, limit=200))
    program = shutil.which("docker")
    return DockerDaemon(
        version=clean(told.get("Version", ""), limit=60),
        architecture=clean(told.get("Arch", ""), limit=30),
        buildx=await read_buildx(program) if program else "",
    )


def _trouble(error: BaseException) -> str:
    """Say of what kind it is. The SDK and its HTTP client wrap the cause, some of it in words alone."""
    chain, cause = [], error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment] # None ends the loop
    told = " ".join(str(item) for item in chain)
    if any(isinstance(item, PermissionError) for item in chain) or "PermissionError" in told:
        return "permission"
    if any(isinstance(item, FileNotFoundError) for item in chain) or "FileNotFoundError" in told:
        return "absent"
    return "stopped"
