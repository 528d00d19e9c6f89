"""The machine itself: platform, Python, state folder, ports, terminal, Codespaces."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import tempfile
from typing import TYPE_CHECKING

from workshop_tui.cloud.text import clean
from workshop_tui.model.machine import (
    Codespace,
    LoopbackPorts,
    Machine,
    Platform,
    StateFolder,
    Terminal,
)
from workshop_tui.settings import user_home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DEFAULT_DOMAIN = "app.github.dev"


def read_machine(environment: Mapping[str, str]) -> Machine:
    """Read what kind of machine this is."""
    release = _os_release()
    system = release.get("PRETTY_NAME") or f"{platform.system()} {platform.release()}"
    if sys.platform == "darwin":
        system = f"macOS {platform.mac_ver()[0]}"
    return Machine(
        platform=_platform(environment, release),
        system=clean(system, limit=80),
        architecture=platform.machine(),
        python=(sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
    )


def _platform(environment: Mapping[str, str], release: Mapping[str, str]) -> Platform:
    if sys.platform == "darwin":
        return Platform.MACOS
    if sys.platform != "linux":
        return Platform.OTHER
    if environment.get("CODESPACES") == "true":
        return Platform.CODESPACES
    if environment.get("WSL_DISTRO_NAME") or "microsoft" in platform.release().lower():
        return Platform.WSL
    family = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()
    return Platform.DEBIAN if {"debian", "ubuntu"} & set(family) else Platform.LINUX


def _os_release() -> Mapping[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def read_state_folder(home: Path) -> StateFolder:
    """Try to write a file that is gone at once; only our own folder is touched."""
    problem, free = "", 0
    try:
        with tempfile.NamedTemporaryFile(dir=home, prefix=".doctor-") as file:
            file.write(b"written by workshop-tui doctor")
            file.flush()
    except OSError as error:
        problem = error.strerror or type(error).__name__
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        problem = problem or error.strerror or type(error).__name__
    return StateFolder(str(home), free, problem)


def read_loopback_ports() -> LoopbackPorts:
    """Listen on a free port of 127.0.0.1, and connect to it as a client would."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
            server.bind(("127.0.0.1", 0))
            server.listen(1)
            port = int(server.getsockname()[1])
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                return LoopbackPorts(port)
    except OSError as error:
        return LoopbackPorts(0, error.strerror or type(error).__name__)


def read_terminal(environment: Mapping[str, str]) -> Terminal:
    """Read the terminal from the streams that Python began with, whoever has replaced them since."""
    columns, lines = 0, 0
    # Any of them: the output may go into a file while somebody sits at the terminal.
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        try:
            if stream is not None and stream.isatty():
                columns, lines = os.get_terminal_size(stream.fileno())
                break
        except (OSError, ValueError):
            continue
    kind = environment.get("TERM", "")
    multiplexer = "tmux" if environment.get("TMUX") else "screen" if environment.get("STY") else ""
    return Terminal(
        interactive=columns > 0,
        columns=columns,
        lines=lines,
        encoding=str(getattr(sys.__stdout__, "encoding", "") or ""),
        kind=clean(kind, limit=60),
        program=clean(environment.get("TERM_PROGRAM", ""), limit=60),
        colours=_colours(environment, kind),
        multiplexer=multiplexer,
        remote=bool(environment.get("SSH_TTY") or environment.get("CODESPACES")),
    )


def _colours(environment: Mapping[str, str], kind: str) -> str:
    if environment.get("NO_COLOR"):
        return "none (NO_COLOR)"
    if kind in ("", "dumb"):
        return "none"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "true colour"
    return "256" if "256" in kind or "kitty" in kind else "16"


def read_codespace(environment: Mapping[str, str]) -> Codespace | None:
    """Read how ports are forwarded, where this is a Codespace."""
    if environment.get("CODESPACES") != "true":
        return None
    name = clean(environment.get("CODESPACE_NAME", ""), limit=120)
    domain = clean(environment.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN") or _DEFAULT_DOMAIN, limit=120)
    return Codespace(name, f"https://{name or 'NAME'}-PORT.{domain}")


def known_path(path: str) -> str:
    """Return a path with the home folder as `~`, as people write it."""
    home = str(user_home() or "")
    if not home:
        return path
    return f"~{path[len(home) :]}" if path == home or path.startswith(f"{home}{os.sep}") else path
