"""What the practice node puts first on a container's module path; Python imports it before the app.

A pod here has no network of its own, so whatever port the app binds gets a free loopback port instead; the
file `ports/<port>` beside this folder says which, and its lock says the port is taken: two containers of one
pod that bind the same port clash as they would in a real pod. Also: the interpreter's own installed packages
are hidden, since an image has only its own, and on Linux the process dies with the node that started it.
It stands alone (standard library only, Python 3.8 and later), and leaves sockets bound to port 0 as they are.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import sys
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent.parent
_NODE_FILE = _FOLDER / "node.pid"
_PR_SET_PDEATHSIG, _SIGKILL = 1, 9
_taken: dict[int, tuple[int, int]] = {}  # port the app asked for: open file that holds the lock, real port
_bind = socket.socket.bind


def _claim(port: int) -> int:
    """Return the real port this process has for `port` (0: choose one), or raise as the kernel would."""
    if port in _taken:
        return _taken[port][1]
    descriptor = os.open(str(_FOLDER / "ports" / str(port)), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE)) from None
    _taken[port] = (descriptor, 0)
    return 0


def _note(port: int, real: int) -> None:
    descriptor = _taken[port][0]
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % real, 0)
    _taken[port] = (descriptor, real)


def _bind_on_loopback(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - whatever bind takes
    """Bind as asked when it is no port of a pod's network; else the pod's loopback port for it."""
    if self.family not in (socket.AF_INET, socket.AF_INET6) or self.type != socket.SOCK_STREAM:
        _bind(self, address)
        return
    port = address[1]
    if not isinstance(port, int) or port == 0:
        _bind(self, address)
        return
    real = _claim(port)
    if self.family == socket.AF_INET:
        _bind(self, ("127.0.0.1", real))
    elif real:
        _bind(self, ("::1", real))
    else:
        self.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        _bind(self, ("::ffff:127.0.0.1", 0))
    if not real:
        _note(port, self.getsockname()[1])


def _die_with_node() -> None:
    """Ask Linux to kill this process when the node's process ends, if the node started it itself."""
    if sys.platform == "linux" and os.getppid() == int(_NODE_FILE.read_text()):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def _hide_host_packages() -> None:
    own = ("site-packages", "dist-packages")
    sys.path[:] = [path for path in sys.path if not (path.startswith(sys.prefix) and path.endswith(own))]


socket.socket.bind = _bind_on_loopback  # type: ignore[method-assign,assignment] # on purpose
sys.modules["uvloop"] = None  # type: ignore[assignment]  # it binds in C, past this file; servers do without
if _NODE_FILE.exists():  # a plain process of the node, not a Docker container
    _die_with_node()
    _hide_host_packages()
