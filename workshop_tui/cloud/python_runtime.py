"""Python 3.11 for the app, and environments with its requirements: kept, and used again while they fit."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.atomic import beside, put_in_place, sweep
from workshop_tui.cloud.processes import CommandError, run_command, stream_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

APP_PYTHON = "3.11"
"""The version that the app's pins are made for: numpy below 2 and pydantic 1.10 do not install on 3.13."""
INSTALL_SECONDS = 600.0
_LOOK_SECONDS = 20.0
_DROPPED = frozenset({"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "OPENAI_API_KEY", "UV_SYSTEM_PYTHON"})


_NO_ROOM = re.compile("No space left on device|Disk quota exceeded")
_NO_ROOM_AT = re.compile(r"to (?:file )?`?(/[^`\n]+?)`?: (?:No space left|Disk quota)")
"""How uv (0.13, measured) names the place that it could not write to."""
_INSTALL_REMEDIES = (
    (
        ("No solution found", "Couldn't parse requirement"),
        "Mend requirements.txt: the line above names what cannot be installed. Then try again.",
    ),
    (
        ("tunnel error",),
        "The proxy did not lead to the package index: check HTTPS_PROXY, or unset it, then try again.",
    ),
    (
        ("Failed to fetch", "Request failed"),
        "The package index was not reached: check the network, then try again.",
    ),
)
"""What uv says (0.13, measured), and the way out; the first that fits."""


def install_problem(error: CommandError) -> ActionError:
    """Return what the error that tells a failed installation: uv's own words and the way out."""
    remedy = _full_disk(error.output) or next(
        (way for words, way in _INSTALL_REMEDIES if any(word in error.output for word in words)),
        "Check the network and requirements.txt, then try again.",
    )
    return ActionError(f"The app's requirements could not be installed. {error.what}: {error.output}", remedy)


def _full_disk(said: str) -> str:
    """Return which disk to make room on, where that is what uv says; else an empty text."""
    if not _NO_ROOM.search(said):
        return ""
    named = _NO_ROOM_AT.findall(said)
    place = Path(named[-1]) if named else Path()
    if not place.is_absolute():
        return "The disk is full: free some of it, then try again."
    there = next(folder for folder in place.parents if folder.exists()).resolve()
    mount = next(folder for folder in (there, *there.parents) if folder.is_mount())
    left = shutil.disk_usage(mount).free // 2**20
    return f"The disk at {mount} is full ({left} MiB left): free some of it, then try again."


def find_uv() -> Path:
    """Return the uv that came with us, else the machine's.

    Raises:
        ActionError: there is none.

    """
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - only where something is installed

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise ActionError("uv, which prepares the app's Python, is missing.", "Install it: pip install uv")
    return Path(found)


def tool_environment() -> dict[str, str]:
    """Return our environment for uv: proxies, trust and indexes as set, no Python environment, no key."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return kept | {"UV_NO_PROGRESS": "1", "NO_COLOR": "1"}


async def find_python() -> Path | None:
    """Return a Python 3.11 of this machine that really runs, or None."""
    candidates = [sys.executable] if sys.version_info[:2] == (3, 11) else []
    candidates += [found for found in [shutil.which(f"python{APP_PYTHON}")] if found]
    for candidate in candidates:
        if await _is_app_python(candidate):
            return Path(candidate)
    try:
        found = await run_command(
            [find_uv(), "python", "find", "--no-project", "--no-python-downloads", APP_PYTHON],
            seconds=_LOOK_SECONDS,
            environment=tool_environment(),
        )
    except CommandError:
        return None
    return Path(found.strip())


async def _is_app_python(candidate: str) -> bool:
    # A shim of a version manager may carry the name and still have no such Python behind it.
    try:
        told = await run_command(
            [candidate, "-I", "-S", "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
            seconds=_LOOK_SECONDS,
            environment=tool_environment(),
        )
    except CommandError:
        return False
    return told.strip() == APP_PYTHON


class AppEnvironment:
    """The app's virtual environment, one for each content of its requirements, in a folder of ours."""

    def __init__(self, folder: Path, requirements: Path) -> None:
        """Take the folder that holds such environments, and the requirements file."""
        self._folder = folder
        self._requirements = requirements

    def place(self) -> Path:
        """Return where the environment for the requirements as they are now is, or would be.

        Raises:
            ActionError: the requirements cannot be read.

        """
        try:
            content = self._requirements.read_bytes()
        except OSError as error:
            raise ActionError(
                f"{self._requirements} cannot be read: {error.strerror}.", "Get the shop's source first."
            ) from error
        return self._folder / hashlib.sha256(APP_PYTHON.encode() + content).hexdigest()[:16]

    def python(self) -> Path | None:
        """Return the environment's Python if it is complete."""
        python = self.place() / "bin" / "python"
        return python if python.is_file() else None

    async def make(self) -> AsyncIterator[str]:
        """Make the environment unless it is there; yield what happens.

        Raises:
            ActionError: no Python 3.11 can be had, or the requirements do not install.

        """
        place = self.place()
        if self.python() is not None:
            yield "The app's environment is ready: the requirements have not changed."
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(sweep, place)
        python = await find_python()
        if python is None:
            yield f"No Python {APP_PYTHON} here; uv brings one."
            async for line in _install_python():
                yield line
            python = await find_python()
        if python is None:
            raise ActionError(*_no_python())
        yield f"Making an environment with {python}."
        # Made beside its place and renamed there when it is complete; --relocatable lets it be renamed.
        part = beside(place)
        try:
            async for line in self._fill(part, python):
                yield line
            await asyncio.to_thread(put_in_place, part, place, "bin/python")
        except OSError as error:
            raise ActionError(
                f"The app's environment could not be made: {error.strerror or error}.",
                f"See that {self._folder} can be written to and that the disk is not full, then try again.",
            ) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)

    async def _fill(self, part: Path, python: Path) -> AsyncIterator[str]:
        uv, environment = find_uv(), tool_environment()
        try:
            await run_command(
                [uv, "venv", "--quiet", "--no-project", "--relocatable", "--python", python, part],
                seconds=60,
                environment=environment,
            )
            lines = stream_command(
                [uv, "pip", "install", "--python", part / "bin" / "python", "-r", self._requirements],
                seconds=INSTALL_SECONDS,
                environment=environment,
                folder=self._folder,
            )
            async for line in told_of_install(lines):
                yield line
        except CommandError as error:
            raise install_problem(error) from error

    def remove(self) -> None:
        """Delete every environment in our folder."""
        if self._folder.is_dir():
            for found in self._folder.iterdir():
                shutil.rmtree(found, ignore_errors=True)


async def told_of_install(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """Leave out what tells nobody anything: each of the forty packages, and where they are put meanwhile."""
    async for line in lines:
        if not line.lstrip().startswith(("+ ", "Using Python ", "Using CPython ")):
            yield line


async def _install_python() -> AsyncIterator[str]:
    lines = stream_command(
        [find_uv(), "python", "install", APP_PYTHON],
        seconds=INSTALL_SECONDS,
        environment=tool_environment(),
    )
    try:
        async for line in lines:
            yield line
    except CommandError as error:
        what, remedy = _no_python()
        raise ActionError(f"{what} uv could not bring it: {error.output or error.what}", remedy) from error


def _no_python() -> tuple[str, str]:
    return (
        f"The app needs Python {APP_PYTHON}, and this machine has none.",
        f"Install it (for example: uv python install {APP_PYTHON}, or your system's python{APP_PYTHON}).",
    )
