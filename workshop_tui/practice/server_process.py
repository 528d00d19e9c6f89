"""Starts the practice cloud's process and ends it; POSIX only."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

START_SECONDS = 30.0
"""How long a start may take: the first one makes keys and a world."""
STOP_SECONDS = 15.0
"""How long the process gets to put its pods and its store away."""
READY = "ready"
"""What the process says on its pipe once everything answers."""


def spawn(folder: Path, options: list[str]) -> str:
    """Start the process, detached, and return what it says on its pipe: `READY`, or why not.

    What it writes goes to `log/practice.out` in the folder.
    """
    output = folder / "log" / "practice.out"
    output.parent.mkdir(exist_ok=True, mode=0o700)
    reading, writing = os.pipe()
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module, by the interpreter that runs us
                [sys.executable, "-m", "workshop_tui.practice", *options, "--ready-fd", str(writing)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[writing],
                start_new_session=True,
                cwd=folder,
                env=_child_environment(),
            )
        os.close(writing)
        writing = -1
        try:
            words = _read_words(reading)
        except BaseException:
            # Ctrl-C while waiting: nobody else knows of the process yet, so nobody else could stop it.
            process.terminate()
            raise
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)
    if words is None:
        process.terminate()
        return f"the practice cloud was not ready after {START_SECONDS:.0f} s"
    if not words:
        tail = output.read_text("utf-8", "replace").strip().splitlines()[-1:]
        return f"the practice cloud ended before it was ready: {''.join(tail) or 'it said nothing'}"
    if words != READY:
        process.wait(STOP_SECONDS)
    return words


def _child_environment() -> dict[str, str]:
    """Let the child find this very package, also when it was found by way of the current folder."""
    package_parent = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [package_parent, known]))}


def _read_words(descriptor: int) -> str | None:
    """Read until the other side closes; None when that takes too long."""
    deadline = time.monotonic() + START_SECONDS
    words = b""
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(descriptor, 4096)
        if not chunk:
            return words.decode("utf-8", "replace")
        words += chunk


def end(pid: int) -> bool:
    """Send SIGTERM and wait; True when the process has ended."""
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            ended, _, _ = select.select([descriptor], [], [], STOP_SECONDS)
            _reap(pid)
            return bool(ended)
        except ProcessLookupError:
            return True
        finally:
            os.close(descriptor)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:  # no event to wait for where there are no pidfds
        _reap(pid)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def _reap(pid: int) -> None:
    """Collect the process if it is a child of ours, so that no zombie is left."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
