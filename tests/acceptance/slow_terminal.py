"""A terminal on a slow line: a real pseudo-terminal whose reader takes so many bytes a second and no more."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAUSE = 0.02


class SlowTerminal:
    """Runs a program; `wait` waits until its output shows a text, and says how long that took."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        bytes_a_second: int,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._piece = max(1, round(bytes_a_second * PAUSE))
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        usual = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        its = {**os.environ, **usual, **(environment or {})}
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=its, start_new_session=True
        )
        os.close(theirs)
        self._ours = ours
        self._came = threading.Condition()
        self._read = b""
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        while True:
            try:
                piece = os.read(self._ours, self._piece)
            except OSError:
                return  # the other side has gone
            with self._came:
                self._read += piece
                self._came.notify_all()
            # This is no waiting for something: it is how slow the line is.
            time.sleep(PAUSE * len(piece) / self._piece)

    @property
    def taken(self) -> int:
        """How many bytes have been read."""
        return len(self._read)

    @property
    def read(self) -> str:
        """All that has been read."""
        return self._read.decode(errors="replace")

    def press(self, key: str) -> int:
        """Press a key; return how much had been read by then."""
        os.write(self._ours, key.encode())
        return self.taken

    def wait(self, text: str, *, since: int = 0, seconds: float = 60) -> float:
        """Return how long it took until the text was read, in what was read since then."""
        began = time.monotonic()
        with self._came:
            shown = self._came.wait_for(lambda: text.encode() in self._read[since:], seconds)
        assert shown, (
            f"{text} was not read within {seconds:.0f} s:\n{self._read[-4000:].decode(errors='replace')}"
        )
        return time.monotonic() - began

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        os.close(self._ours)
