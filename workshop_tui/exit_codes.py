"""What a command's process says at its end: a contract for scripts."""

from __future__ import annotations

from enum import IntEnum

from workshop_tui.findings import Verdict


class ExitCode(IntEnum):
    """The agreed codes, beside 128 and a signal's number."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    """What was asked for cannot be: an option, a setting, a workshop's folder, a target."""
    PENDING = 3
    """Nothing failed, but something is pending."""
    UNKNOWN = 4
    """Nothing failed, but something could not be looked at."""
    INTERRUPTED = 130


_EXIT = {
    Verdict.PASSED: ExitCode.PASSED,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.PENDING: ExitCode.PENDING,
    Verdict.UNKNOWN: ExitCode.UNKNOWN,
}


def exit_code_for(verdict: Verdict) -> ExitCode:
    """Return the exit code that says this verdict."""
    return _EXIT[verdict]
