"""How a command ends: the agreed exit code, and a sentence for everything that goes wrong."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, NoReturn

import click

from workshop_tui.exit_codes import ExitCode, exit_code_for

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.findings import Verdict

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
PIPE_CLOSED = 141
"""128 + SIGPIPE: whoever read our output has gone. Not a verdict, so none of the agreed codes."""


def tell(text: str = "") -> None:
    """Narrate on standard error; standard output is for data."""
    click.echo(text, err=True)


def say(text: str, *, indent: str = "") -> None:
    """Say sentences on standard output, each line folded between words; the folded parts are indented."""
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    for line in text.splitlines():
        folded = textwrap.fill(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        click.echo(folded)
    if text.endswith("\n"):
        click.echo()


def confirmed(question: str) -> bool:
    """Ask on the terminal.

    Raises:
        click.UsageError: there is nobody to ask.

    """
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} There is no terminal to ask on: say --yes.")
    return click.confirm(question, err=True)


def wants_colour() -> bool:
    """Return whether standard output shows colours: a terminal, and NO_COLOR not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def leave(verdict_or_code: Verdict | ExitCode) -> NoReturn:
    """End the process with the agreed code."""
    code = verdict_or_code if isinstance(verdict_or_code, ExitCode) else exit_code_for(verdict_or_code)
    sys.exit(int(code))


def explain(error: Exception) -> int:
    """Say in a sentence what went wrong, and return the exit code. A traceback goes to the log alone."""
    sentence = _expected(error)
    if sentence is not None:
        tell(_as_sentence(sentence))
        return ExitCode.USAGE
    from workshop_tui.log import log_file  # noqa: PLC0415 - only on the way out

    where = log_file()
    if where is None:
        where = _start_log()
    logging.getLogger(__name__).error("the command failed", exc_info=error)
    tell(
        f"Something went wrong that should not have: {type(error).__name__}."
        f" The details are in {where}; the same command can be run again."
        if where is not None
        else f"Something went wrong that should not have: {type(error).__name__}: {_cleaned(error)}"
    )
    return ExitCode.UNKNOWN


def _as_sentence(text: str) -> str:
    """Begin with a capital, unless the first word is a path, which would not be found so."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return text if "/" in first or "." in first.rstrip(".:") else text[:1].upper() + text[1:]


def _expected(error: Exception) -> str | None:
    """Return the error's own words if it is one that people can do something about."""
    from workshop_tui.drills import DrillError  # noqa: PLC0415 - only on the way out
    from workshop_tui.journal import BusyError, JournalError  # noqa: PLC0415 - likewise
    from workshop_tui.practice.client import PracticeError  # noqa: PLC0415 - likewise
    from workshop_tui.saved_settings import SettingsError  # noqa: PLC0415 - likewise
    from workshop_tui.target import TargetError  # noqa: PLC0415 - likewise
    from workshop_tui.workshop import WorkshopError  # noqa: PLC0415 - likewise

    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        where = f" ({error.filename})" if error.filename else ""
        return (
            f"It cannot be written{where}: {error.strerror}. Make room, then run the same command again:"
            " it goes on where it was."
        )
    ours = (BusyError, DrillError, JournalError, PracticeError, SettingsError, TargetError, WorkshopError)
    return str(error) if isinstance(error, ours) else None


def _start_log() -> Path | None:
    from workshop_tui.log import start_log  # noqa: PLC0415 - only on the way out
    from workshop_tui.saved_settings import SettingsError  # noqa: PLC0415 - likewise
    from workshop_tui.settings import home_folder  # noqa: PLC0415 - likewise

    try:
        return start_log(home_folder(os.environ))
    except (OSError, SettingsError):
        return None


def _cleaned(error: Exception) -> str:
    from workshop_tui.cloud.text import clean  # noqa: PLC0415 - only on the way out

    return clean(str(error))
