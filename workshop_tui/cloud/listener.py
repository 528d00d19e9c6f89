"""Who listens on a port of this machine, as far as the operating system tells its user."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.cloud.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens. What cannot be read is None or empty."""

    process_id: int
    name: str
    command: str
    folder: str

    def environment(self) -> Mapping[str, str] | None:
        """Return the environment that it was started with; None where that cannot be read."""
        try:
            content = Path(f"/proc/{self.process_id}/environ").read_bytes()
        except OSError:
            return None
        pairs = (entry.decode(errors="replace").partition("=") for entry in content.split(b"\0"))
        return {name: value for name, _, value in pairs if name}

    def started(self) -> float | None:
        """Return when it was started, in seconds since the epoch; None where that cannot be read."""
        try:
            return Path(f"/proc/{self.process_id}").stat().st_mtime
        except OSError:
            return None


def is_free(port: int) -> bool:
    """Return whether 127.0.0.1:port can be listened on."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_listener(port: int) -> Listener | None:
    """Return the process that listens on this port of the loopback address or of all addresses."""
    inodes = set(_inodes(port))
    if inodes:
        return next(_holders(inodes), None)
    lsof = shutil.which("lsof") if not Path("/proc/net/tcp").exists() else None
    return _ask_lsof(lsof, port) if lsof else None


def _inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _holders(inodes: set[str]) -> Iterator[Listener]:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        try:
            links = [str(Path(handle.path).readlink()) for handle in os.scandir(f"/proc/{entry.name}/fd")]
        except OSError:
            continue  # another user's, or gone meanwhile
        if wanted.intersection(links):
            yield describe_process(int(entry.name))


def describe_process(process_id: int) -> Listener:
    """Return what can be read of a process."""
    root = Path(f"/proc/{process_id}")
    try:
        parts = (root / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        command = " ".join(part.decode(errors="replace") for part in parts)
        folder = str((root / "cwd").readlink())
    except OSError:
        return _ask_ps(process_id)
    name = os.path.basename(parts[0].decode(errors="replace"))  # noqa: PTH119 - a program's name, no path of ours
    return Listener(process_id, clean(name, limit=60), command, folder)


def _ask_ps(process_id: int) -> Listener:
    """Ask ps, on systems that have no /proc; it knows nothing of the folder."""
    ps = shutil.which("ps") if not Path("/proc/self").exists() else None
    answer = _ask(ps, "-o", "command=", "-p", str(process_id)) if ps else ""
    return Listener(process_id, clean(answer.split(" ")[0].rpartition("/")[2], limit=60), answer.strip(), "")


def _ask(*arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - ps or lsof, with a number of ours
            arguments, capture_output=True, timeout=5, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.decode(errors="replace")


def _ask_lsof(lsof: str, port: int) -> Listener | None:
    answer = _ask(lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc")
    fields = {line[:1]: line[1:] for line in answer.splitlines()}
    if not fields.get("p", "").isdecimal():
        return None
    name = clean(fields.get("c", ""), limit=60)
    return Listener(int(fields["p"]), name, name, "")
