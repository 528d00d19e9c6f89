"""A command run in a container beside its own: `kubectl exec`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


NOT_STARTED = "OCI runtime exec failed: exec failed: unable to start container process"


class ExecutionError(Exception):
    """A command that could not be started, in the container runtime's words."""


class Execution(Protocol):
    """A command that was started. Whoever started it calls `kill` when done with it, ended or not."""

    def output(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield "stdout" or "stderr" and what was printed, until both end. With a terminal all is stdout."""

    async def write(self, data: bytes) -> None:
        """Give it input; dropped when it reads none."""

    async def end_input(self) -> None:
        """Tell it that no more input comes."""

    async def resize(self, columns: int, rows: int) -> None:
        """Tell it the terminal's new size."""

    async def wait(self) -> int:
        """Return its exit code once it has ended."""

    async def kill(self) -> None:
        """End it, if it runs."""


def not_found(program: str) -> ExecutionError:
    """Tell that the container has no such program, as containerd with runc does."""
    why = (
        f"stat {program}: no such file or directory"
        if "/" in program
        else "executable file not found in $PATH"
    )
    return ExecutionError(f'{NOT_STARTED}: exec: "{program}": {why}: unknown')
