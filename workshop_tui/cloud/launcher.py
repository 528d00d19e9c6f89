"""Starts a program that ends when we end, even when we are killed: run as a script, then replaced by it.

Arguments: our process id, then the program and its arguments.
"""

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux's prctl; it survives the exec below."""


def main() -> None:
    """Ask for the signal, see that our parent still lives, become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)  # it ended before we could ask
    os.execv(program[0], program)  # noqa: S606 - no shell, and the program is named by our parent


if __name__ == "__main__":
    main()
