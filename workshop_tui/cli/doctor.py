"""`workshop-tui doctor`: what this machine has and lacks, and the help bundle."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.console import leave, tell, wants_colour
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.cli.running import run

if TYPE_CHECKING:
    from workshop_tui.doctor import Diagnosis, Mode
    from workshop_tui.exit_codes import ExitCode


@click.command("doctor", short_help="Say what this machine has and lacks, with the remedy.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to print it."
)
@click.option(
    "--bundle",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Write all that somebody who helps you would ask for, masked, into one zip.",
)
@target_options
def doctor_command(chosen: Chosen, *, form: str, bundle: str | None) -> None:
    """Say what this machine has and lacks for each way to do the workshop, each lack with its remedy.

    Only looks, and takes six seconds at most. The exit code: 0 nothing that the chosen way needs is
    lacking, 1 something is, 4 something could not be looked at. Without --practice or --azure both ways
    are looked at; the saved choice decides the code, else the better one, since one of them is enough.
    """
    if bundle is not None:
        run(_bundle(chosen, Path(bundle) if bundle else None))
        return
    leave(run(_doctor(chosen, form)))


async def _bundle(chosen: Chosen, path: Path | None) -> None:
    from workshop_tui.doctor import make_bundle  # noqa: PLC0415 - keeps --help quick

    try:
        written = await make_bundle(chosen.settings(), path, workshop=chosen.workshop, told=tell)
    except OSError as error:
        raise click.ClickException(f"The bundle cannot be written: {error.strerror}.") from error
    click.echo(written)
    tell("Hand this file to who helps you. MANIFEST.txt in it says what is inside; secrets are masked.")


async def _doctor(chosen: Chosen, form: str) -> ExitCode:
    from workshop_tui.doctor import diagnose, summary  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.doctor.rendering import as_json, as_table  # noqa: PLC0415 - likewise

    started = time.monotonic()
    settings = chosen.settings()
    decisive = settings.target
    mode: Mode | None = chosen.target  # type: ignore[assignment] # one of the two, or None
    if decisive is None:
        settings = replace(chosen, target="azure").settings()
    found: list[Diagnosis] = []
    async with aclosing(diagnose(settings, mode)) as diagnoses:
        async for item in diagnoses:
            found.append(item)  # noqa: PERF401 - shown once all of it is known
    modes: tuple[Mode, ...] = ("practice", "azure") if mode is None else (mode,)
    if form == "json":
        text = as_json(found, modes, seconds=time.monotonic() - started)
    else:
        width = min(shutil.get_terminal_size((80, 24)).columns, 100)
        text = as_table(found, modes, width=width, colour=wants_colour())
    sys.stdout.write(text)
    sys.stdout.flush()
    return min(summary(found, one) for one in modes if decisive in (one, None))
