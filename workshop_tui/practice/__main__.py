"""`python -m workshop_tui.practice --folder F`: run a practice cloud in the foreground.

Exit codes: 0 stopped in order, 2 it could not start (why is said on standard error and on `--ready-fd`).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import traceback
from pathlib import Path


def main() -> int:
    """Parse the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m workshop_tui.practice", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where its state lives")
    parser.add_argument("--time-scale", type=float, default=1.0, help="simulated seconds per second")
    parser.add_argument("--role-seconds", type=float, default=3.0)
    parser.add_argument("--credential-seconds", type=float, default=2.0)
    parser.add_argument("--cluster-update-seconds", type=float, default=3.0)
    parser.add_argument("--webhook-layout", choices=("v1.5", "v1.6", "v1.6.1"), default="v1.5")
    parser.add_argument("--ready-fd", type=int, help="where to write `ready`, or why not")
    arguments = vars(parser.parse_args())
    herald = _Herald(arguments.pop("ready_fd"))
    if arguments["time_scale"] <= 0:
        parser.error("--time-scale must be above 0")
    # Resolved: pods and containers of an earlier run are known by this path, whichever way one came here.
    arguments["folder"] = arguments["folder"].resolve()

    # httpx would load its own command line, and with it rich: a tenth of a second before anything is served.
    sys.modules["httpx._main"] = None  # type: ignore[assignment] # None: not to be imported

    from workshop_tui.practice.context import Options  # noqa: PLC0415 - --help need not wait for these
    from workshop_tui.practice.listeners import PortTakenError  # noqa: PLC0415 - likewise
    from workshop_tui.practice.process import serve  # noqa: PLC0415 - likewise
    from workshop_tui.practice.store import StoreInUseError  # noqa: PLC0415 - likewise

    try:
        serve(Options(**arguments), lambda: herald.tell("ready"))
    except Exception as raised:
        error = _first(raised)
        if isinstance(error, StoreInUseError | PortTakenError | OSError):
            words = (
                f"{error}: make room there, or allow writing, and try again"
                if getattr(error, "errno", None)
                else str(error)
            )
            herald.tell(words)
            print(f"the practice cloud could not start: {words}", file=sys.stderr)  # noqa: T201 - a program of its own
            return 2
        herald.tell(f"{type(error).__name__}: {error}")
        traceback.print_exc()
        raise
    return 0


def _first(error: BaseException) -> BaseException:
    """Return what went wrong first: tasks that work together end with a group of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class _Herald:
    """Tells the starter, once, that the cloud is ready or why it is not."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def tell(self, text: str) -> None:
        """Write to the starter's pipe and close it; later words go nowhere."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with contextlib.suppress(OSError):  # the starter may be gone: its business
            os.write(descriptor, text.encode()[:4000])
            os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
