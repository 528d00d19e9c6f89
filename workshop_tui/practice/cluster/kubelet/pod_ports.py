"""The ports of a pod: one network for all its containers, whatever runs them.

`ports/<port>` in the pod's folder holds the loopback port behind a port of the pod; who uses it holds the
file's lock (see injected/sitecustomize.py, which does the same inside processes and Docker's containers).
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class PortTakenError(OSError):
    """Another container of the pod listens on the port."""


class PodPort:
    """A port of a pod that is claimed until it is released."""

    def __init__(self, folder: Path, port: int) -> None:
        """Claim it; PortTakenError where another container has it."""
        self.port = port
        self._descriptor = os.open(folder / "ports" / str(port), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise PortTakenError(port) from error

    def note(self, real: int) -> None:
        """Write down the loopback port that stands for it."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, b"%d\n" % real, 0)

    def release(self) -> None:
        """Give it up."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
