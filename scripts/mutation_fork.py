"""Runs work in a process forked off this one, which has everything imported; only its answer comes back."""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import select
import signal
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def in_fork(work: Callable[[], Any], *, seconds: float, processor: float = math.inf) -> Any:  # noqa: ANN401 - what JSON can say
    """Return what the work returns in a process of its own; None where it does not end, or is killed.

    `seconds` are of the clock, `processor` of the processor's time; what the work starts is ended with it.

    Raises:
        RuntimeError: the work raised something.

    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _silence()
        if processor < math.inf:
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(processor), math.ceil(processor)))
        try:
            answer = json.dumps({"answer": work()}).encode()
        except BaseException:  # noqa: BLE001 - nothing may get out of here into the parent's code
            answer = json.dumps({"broken": traceback.format_exc()}).encode()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    answer = bytearray()
    until = time.monotonic() + seconds
    while select.select([reading], [], [], max(until - time.monotonic(), 0))[0]:
        piece = os.read(reading, 1 << 16)
        if not piece:
            break
        answer += piece
    else:
        answer.clear()
    os.close(reading)
    _end(child)
    told = json.loads(answer) if answer else {"answer": None}
    if "broken" in told:
        raise RuntimeError(told["broken"])
    return told["answer"]


def _silence() -> None:
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def _end(child: int) -> None:
    """End the fork and whatever it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
