"""Finding a Python of the version an image was built for, on this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

from workshop_tui.practice.cluster.kubelet.runtimes import StartError

_SECONDS = 10.0
_TELL = "import sys; print(f'{sys.version_info[0]}.{sys.version_info[1]}'); print(sys._base_executable)"
_found: dict[str, str] = {}


async def find_interpreter(version: str) -> str:
    """Return the path of a Python of this minor version, never one of a virtual environment.

    Raises:
        StartError: there is none.

    """
    if os.access(_found.get(version, ""), os.X_OK):
        return _found[version]
    for candidate in (sys.executable, shutil.which(f"python{version}"), await _from_uv(version)):
        told = await _output(candidate, "-I", "-c", _TELL) if candidate else ""
        lines = told.splitlines()
        if len(lines) == 2 and lines[0] == version:  # noqa: PLR2004 - version and path
            _found[version] = lines[1]
            return lines[1]
    message = (
        f"this node has no Python {version} to run the image with; "
        f"install one (uv python install {version}), then the pod starts by itself"
    )
    raise StartError("CreateContainerError", message)


async def _from_uv(version: str) -> str:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        return ""
    told = await _output(uv, "python", "find", "--no-project", "--offline", "--system", version)
    return told.strip()


async def _output(*command: str) -> str:
    """Return what a command prints, "" when it fails or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return output.decode(errors="replace") if process.returncode == 0 else ""
