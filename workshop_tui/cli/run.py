"""`workshop-tui run`: the TUI."""

from __future__ import annotations

import os
import sys

import click

from workshop_tui.cli.ending import tell
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.exit_codes import ExitCode


@click.command("run")
@click.option("--step", "step_id", metavar="STEP", help="Open at this step.")
@target_options
def run_command(chosen: Chosen, step_id: str | None) -> None:
    """Open the TUI. It starts a practice cloud by itself when you choose Practice."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or os.environ.get("TERM") == "dumb":
        tell(
            "The TUI needs a terminal. Without one: `workshop-tui status` says where you stand,"
            " `workshop-tui solve` does the steps, `workshop-tui check` judges them."
        )
        sys.exit(ExitCode.USAGE)
    if chosen.workshop is not None or step_id:
        # Told here: what is mistyped on the command line cannot be mended in the TUI.
        from workshop_tui.workshop import find_bundled, load_workshop  # noqa: PLC0415 - only where it is asked

        workshop = load_workshop(chosen.workshop or find_bundled())
        step_id = workshop.step(step_id).id if step_id else None
    from workshop_tui.tui.app import run_app  # noqa: PLC0415 - Textual loads only here

    sys.exit(run_app(chosen.settings(), workshop=chosen.workshop, step_id=step_id))
