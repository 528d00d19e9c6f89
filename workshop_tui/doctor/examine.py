"""The examination: everything at once, each with its own time limit, told as it comes."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.doctor.catalogue import entries
from workshop_tui.doctor.diagnosis import unknown

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from workshop_tui.doctor.catalogue import Entry
    from workshop_tui.doctor.diagnosis import Diagnosis, Judgement, Mode
    from workshop_tui.doctor.looking import Looking
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target

    Probe = Callable[[Looking], Awaitable[Judgement]]

_log = logging.getLogger(__name__)

SECONDS = 4.2
"""How long anything may take before it counts as unknown."""
_LOADING_SECONDS = 0.5
"""How much of the time that loading the clients takes is given in addition."""


async def diagnose(
    settings: Settings, mode: Mode | None, *, target: Target | None = None, seconds: float = SECONDS
) -> AsyncGenerator[Diagnosis, None]:
    """Look at all that a mode needs, or (None) either mode, and yield what is found as it comes.

    Changes nothing, asks nobody anything, and ends within `seconds` and half a second, whatever hangs. Close
    it (`aclosing`) to stop early. `target` is where Azure is, where that is known better than from the
    settings.
    """
    clock = asyncio.get_running_loop().time
    last = clock() + seconds + _LOADING_SECONDS
    looking_for, probes = await in_daemon_thread(partial(_load, mode))
    async with looking_for(settings, target) as looking:
        deadline = min(last, clock() + seconds)
        tasks = [
            asyncio.create_task(
                _examine(entry, probes[entry.id], looking, deadline), name=f"doctor {entry.id}"
            )
            for entry in entries(mode)
        ]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _load(mode: Mode | None) -> tuple[type[Looking], Mapping[str, Probe]]:
    """Import the clients, which takes its time, outside the loop's thread: a screen may be waiting."""
    from workshop_tui.doctor import probes_machine  # noqa: PLC0415 - heavy
    from workshop_tui.doctor.looking import Looking  # noqa: PLC0415 - heavy

    if mode == "practice":
        return Looking, probes_machine.PROBES
    from workshop_tui.doctor import probes_azure  # noqa: PLC0415 - heavy

    return Looking, {**probes_machine.PROBES, **probes_azure.PROBES}


async def _examine(entry: Entry, probe: Probe, looking: Looking, deadline: float) -> Diagnosis:
    from workshop_tui.doctor.azure import after, not_there  # noqa: PLC0415 - loaded by now
    from workshop_tui.doctor.looking import NotLookedError  # noqa: PLC0415 - likewise
    from workshop_tui.read_failure import ReadFailure  # noqa: PLC0415 - likewise

    try:
        async with asyncio.timeout_at(deadline):
            return entry.diagnosis(await probe(looking))
    except NotLookedError as error:
        return entry.diagnosis(error.judgement)
    except ReadFailure as failure:
        return entry.diagnosis(not_there(failure.unreadable))
    except TimeoutError:
        if entry.signed_in and not looking.is_signed_in:
            return entry.diagnosis(after("your sign-in"))
        return entry.diagnosis(unknown("no answer in time", "Something is slow here: ask the doctor again."))
    except Exception as error:  # noqa: BLE001 - one probe's own fault must not hide what the others found
        _log.exception("the doctor's look at %s failed", entry.id)
        return entry.diagnosis(unknown(f"this look itself is at fault ({type(error).__name__}); see the log"))
