"""A terminal that keeps every byte: to time how the app leaves, and to see what it leaves behind."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZE = (24, 80)
MODES = {
    "the alternate screen": b"?1049",
    "mouse clicks": b"?1000",
    "mouse movements": b"?1003",
    "focus events": b"?1004",
    "bracketed paste": b"?2004",
}
"""What Textual turns on with `h` and must turn off with `l`; the cursor is the other way round."""
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


class Leaving(NamedTuple):
    """How long an end took: seconds by the clock, and of them the processor's (no matter the load)."""

    seconds: float
    busy: float


@dataclass
class PtyTerminal:
    """A program in a pseudo-terminal of its own; leave it with `close`, whatever happened."""

    command: Sequence[str]
    environment: Mapping[str, str]
    size: tuple[int, int] = SIZE
    said: bytearray = field(default_factory=bytearray)
    status: int | None = None

    def __post_init__(self) -> None:
        self._pressed = 0
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execvpe(self.command[0], list(self.command), dict(self.environment))  # noqa: S606 - no shell
        ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", *self.size, 0, 0))
        self.settings = termios.tcgetattr(self.descriptor)

    @property
    def text(self) -> str:
        """All that was said so far, without what moves and colours it."""
        return _ESCAPES.sub(b"", bytes(self.said)).decode(errors="replace")

    def press(self, keys: str) -> None:
        self._pressed = len(self.said)
        os.write(self.descriptor, keys.encode())

    def read(self, seconds: float) -> bool:
        """Take in what is said within this time; False once nothing will be said any more."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return True
        try:
            chunk = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.said += chunk
        return bool(chunk)

    def wait(self, *wanted: str, seconds: float = 60) -> str:
        """Return what was said since the last key, once each text is in it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            told = _ESCAPES.sub(b"", bytes(self.said[self._pressed :])).decode(errors="replace")
            if all(each in told for each in wanted):
                return told
            if not self.read(0.1):
                break
        raise AssertionError(f"{wanted} was not said; the end of it all: {self.text[-1500:]}")

    def left(self, *, seconds: float = 20) -> Leaving:
        """Return how long it took from now until the program had ended."""
        started, busy = time.monotonic(), self._processor_seconds()
        while time.monotonic() - started < seconds:
            self.read(0.005)
            ended, status, used = os.wait4(self.pid, os.WNOHANG)
            if ended:
                took = time.monotonic() - started
                self.status = os.waitstatus_to_exitcode(status)
                while self.read(0.05) and select.select([self.descriptor], [], [], 0.05)[0]:
                    pass
                return Leaving(took, used.ru_utime + used.ru_stime - busy)
        raise AssertionError(f"it had not ended after {seconds:.0f} s; at last: {self.text[-800:]}")

    def _processor_seconds(self) -> float:
        counted = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(counted[11]) + int(counted[12])) / os.sysconf("SC_CLK_TCK")

    def not_restored(self) -> list[str]:
        """Name what the program left changed in the terminal."""
        said = bytes(self.said)
        found = [
            name
            for name, mode in MODES.items()
            if said.rfind(b"\x1b[" + mode + b"h") > said.rfind(b"\x1b[" + mode + b"l")
        ]
        if said.rfind(b"\x1b[?25l") > said.rfind(b"\x1b[?25h"):
            found.append("the cursor")
        if termios.tcgetattr(self.descriptor) != self.settings:
            found.append("the line settings")
        return found

    def close(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)


def _last(said: bytes, mode: bytes, turned: bytes) -> int:
    return said.rfind(b"\x1b[" + mode + turned)
