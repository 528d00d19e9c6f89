"""What a command sees that is run in a container which is a plain process of this machine.

Where Linux lets a process have namespaces of its own, the command sees the container's paths: its mounts, its
working folder and the image's tree are at their places. Elsewhere paths are translated: those that stand in
the command and in variables are led to where they really are.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.kubelet.environment import map_path
from workshop_tui.practice.cluster.kubelet.executions import NOT_STARTED, ExecutionError, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENTER = Path(__file__).parent / "injected" / "enter.py"
_PYTHONS = ("python", "python3")
_TOOLS = "/usr/local/sbin"
"""Where the container's `python` is; first on its PATH."""
_PROBE_SECONDS = 10.0
_LONGEST_HOST = 63
_namespaces: list[bool] = []


@dataclass(frozen=True, slots=True)
class ContainerView:
    """A container as commands in it see it.

    Attributes:
        interpreter: this machine's Python for the image.
        variables: the environment as the pod has it, container paths in it.
        translated: the same with the real places of those paths.
        places: paths of the container, and where they are on this machine.
        writable: those of these paths that a command may write to.
        folder: the working folder, as the container names it.
        home: the container's own folder on this node.
        modules: where its packages are on this machine.
        needed: files and folders of this machine that its variables name.

    """

    interpreter: str
    variables: Mapping[str, str]
    translated: Mapping[str, str]
    places: Sequence[tuple[str, str]]
    writable: Sequence[str]
    folder: str
    home: Path
    modules: Sequence[Path]
    needed: Sequence[Path]

    async def prepare(self, command: Sequence[str], *, terminal: bool) -> Prepared:
        """Return how to start the command; ExecutionError when the container has no such program."""
        tools = self._tools()
        # An image without a working folder has a place of its own for `/`: not what its paths are below.
        places = [*(place for place in self.places if place[0] != "/"), (_TOOLS, str(tools))]
        program = self._program(command[0], places)
        if await has_namespaces():
            variables, told = self._shown(command, places)
        else:
            variables, told = self._translated([program, *command[1:]], places)
        if terminal:
            variables.setdefault("TERM", "xterm")
        told |= {"variables": list(variables), "terminal": terminal}
        return Prepared([self.interpreter, "-I", "-S", str(_ENTER), json.dumps(told)], variables)

    def _shown(
        self, command: Sequence[str], places: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Return variables and orders for a command that sees the container's own paths."""
        root = self.home / "root"
        root.mkdir(exist_ok=True, mode=0o700)
        view = {
            "host": self.variables["HOSTNAME"][:_LONGEST_HOST],
            "root": str(root),
            "binds": dict(places) | self._kept(places),
            "writable": list(self.writable),
        }
        variables = {**self.variables, "PATH": f"{_TOOLS}:{self.variables.get('PATH', '')}"}
        return variables, {"command": list(command), "folder": self.folder, "view": view}

    def _translated(
        self, command: Sequence[str], places: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Return variables and orders for a command that sees where the container's paths really are."""
        program, *words = command
        shows = Path(program).name == "printenv" or (Path(program).name == "env" and not words)
        variables = dict(self.variables if shows else self.translated)
        variables["PATH"] = f"{self._tools()}:{variables.get('PATH', '')}"
        folder = map_path(self.folder, self.places)
        translated = [program, *(translate(word, places) for word in words)]
        return variables, {"command": translated, "folder": folder, "view": None}

    def _kept(self, places: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return what of this machine a command needs, where one of the container's places would hide it."""
        python = Path(self.interpreter)
        needed = {python.parent.parent, python.resolve().parent.parent, *self.needed}
        hidden = [
            path
            for path in needed
            if any(path.is_relative_to(place) and str(path) != place for place, _ in places)
        ]
        return {str(path): str(path) for path in hidden}

    def _program(self, name: str, places: Sequence[tuple[str, str]]) -> str:
        """Return where a program is on this machine."""
        if "/" in name:
            real = map_path(name, places)
            if Path(name).name.startswith(_PYTHONS) and not os.access(real, os.X_OK):
                return self._program(Path(name).name, places)
            if not Path(real).exists():
                raise not_found(name)
            if not os.access(real, os.X_OK) or Path(real).is_dir():
                raise ExecutionError(f'{NOT_STARTED}: exec: "{name}": permission denied: unknown')
            return real
        path = f"{map_path(_TOOLS, places)}:{self.translated.get('PATH', '')}"
        found = shutil.which(name, path=path)
        if found is None:
            raise not_found(name)
        return found

    def _tools(self) -> Path:
        """Make the folder with the container's `python` and its packages' programs; return it."""
        (self.home / "root-home").mkdir(exist_ok=True, mode=0o700)
        tools = self.home / "tools"
        if not tools.exists():
            draft = Path(tempfile.mkdtemp(dir=self.home))
            version = re.search(r"python(\d+\.\d+)$", self.interpreter)
            for name in (*_PYTHONS, *([f"python{version[1]}"] if version else [])):
                _write_program(draft / name, f'#!/bin/sh\nexec "{self.interpreter}" "$@"\n')
            for folder in self.modules:
                for module in folder.glob("*/__main__.py"):
                    name = module.parent.name  # `uvicorn …` is `python -m uvicorn …`
                    _write_program(draft / name, f'#!/bin/sh\nexec "{self.interpreter}" -m {name} "$@"\n')
            draft.replace(tools)
        return tools


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command of this machine that starts one of the container's."""

    command: Sequence[str]
    variables: Mapping[str, str]


def _write_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def translate(text: str, places: Sequence[tuple[str, str]]) -> str:
    """Return the text with the container's paths in it led to where they really are; the longest wins."""
    known = {path.rstrip("/"): real for path, real in places if path.strip("/")}
    if not known:
        return text
    listed = "|".join(re.escape(path) for path in sorted(known, key=len, reverse=True))
    return re.sub(rf"(?<![\w./-])({listed})(?![\w.-])", lambda found: known[found[1]], text)


async def has_namespaces() -> bool:
    """Return whether a process of ours may have namespaces of its own; tried once, for real."""
    if not _namespaces:
        _namespaces.append(await _try_namespaces() if sys.platform == "linux" else False)
    return _namespaces[0]


async def _try_namespaces() -> bool:
    with tempfile.TemporaryDirectory() as root:
        binds = {"/var/run/workshop-tui-probe": "/usr"}
        view = {"host": "probe", "root": root, "binds": binds, "writable": []}
        told = {"command": ["true"], "folder": "/", "variables": ["PATH"], "terminal": False, "view": view}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(_ENTER),
            json.dumps(told),
            env={"PATH": os.defpath},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await process.wait() == 0
        except TimeoutError:
            process.kill()
            await process.wait()
            return False
