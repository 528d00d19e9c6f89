"""What the probed module may not do: reach the network, start programs, or change files."""

from __future__ import annotations

import os
import sys
from typing import Any

_REFUSED = frozenset({
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto",
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "os.kill", "os.killpg", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink",
    "os.truncate", "os.chmod", "os.chown", "os.utime", "pty.spawn", "webbrowser.open", "ctypes.dlopen",
})  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine() -> None:
    """Refuse these for the rest of the process's life; an audit hook cannot be taken away again.

    It keeps an honest module from side effects while it is looked at. It is no wall against a hostile one,
    which the learner would run on this machine anyway.
    """
    sys.addaudithook(_judge)


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"not while the code is being checked: {event}")
    is_writing = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
    if is_writing and arguments[0] != os.devnull:
        raise PermissionError("not while the code is being checked: writing a file")
