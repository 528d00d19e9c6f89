"""`workshop-tui run`: the TUI."""

from __future__ import annotations

import logging
import os
import sys

import click

from workshop_tui.cli.completion import complete_step
from workshop_tui.cli.console import leave, tell
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode


@click.command("run")
@click.option("--step", "step_id", metavar="STEP", shell_complete=complete_step, help="Open at this step.")
@click.option("--plain", is_flag=True, help="Line by line: for screen readers and simple terminals.")
@target_options
def run_command(chosen: Chosen, *, step_id: str | None, plain: bool) -> None:
    """Open the TUI. It starts a practice cloud by itself when you choose Practice."""
    if chosen.workshop is not None or step_id:
        # Told here: before anything is asked or started; in the TUI it could not be mended.
        from workshop_tui.workshop import find_bundled, load_workshop  # noqa: PLC0415 - only where it is asked

        workshop = load_workshop(chosen.workshop or find_bundled())
        step_id = workshop.step(step_id).id if step_id else None
    if plain:
        leave(run(_run_plain(chosen, step_id or "")))
    in_browser = "TEXTUAL_DRIVER" in os.environ  # which `serve` sets: the terminal is a page then
    has_terminal = sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not in_browser and not has_terminal:
        tell(
            "The TUI needs a terminal. Without one: `workshop-tui run --plain` guides line by line,"
            " `workshop-tui status` says where you stand,"
            " `workshop-tui solve` does the steps, `workshop-tui check` judges them."
        )
        sys.exit(ExitCode.USAGE)
    drawn_in = sys.stderr.encoding if not in_browser and sys.stderr is not None else "utf-8"
    if not drawn_in.lower().startswith("utf"):
        tell(
            f"The TUI draws in UTF-8, and this terminal is set to {drawn_in}. Start it with LANG=C.UTF-8, or"
            " use `workshop-tui run --plain`."
        )
        sys.exit(ExitCode.USAGE)
    from workshop_tui.tui.app import run_app  # noqa: PLC0415 - Textual loads only here

    code = run_app(chosen.settings(), workshop=chosen.workshop, step_id=step_id)
    # All is closed by now. Taking the interpreter apart takes longer than the rest, and crashes where a
    # thread that nobody waits for is still in a library of C.
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


async def _run_plain(chosen: Chosen, step_id: str) -> ExitCode:
    from functools import partial  # noqa: PLC0415 - keeps --help quick

    from workshop_tui.cli.names import settle_names  # noqa: PLC0415 - likewise
    from workshop_tui.cli.plain import Plain  # noqa: PLC0415 - likewise
    from workshop_tui.daemon_thread import in_daemon_thread  # noqa: PLC0415 - likewise
    from workshop_tui.practice import client  # noqa: PLC0415 - likewise
    from workshop_tui.saved_settings import save  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session, settings_in_use  # noqa: PLC0415 - likewise
    from workshop_tui.settings import for_target  # noqa: PLC0415 - likewise
    from workshop_tui.target import practice_folder  # noqa: PLC0415 - likewise

    settings = chosen.settings()
    if settings.target is None:
        click.echo("Where do you want to work?")
        click.echo("1: practice. No subscription needed: a cloud of your own on this machine.")
        click.echo("2: azure. Your own subscription, after az login.")
        answer = click.prompt("1 or 2", type=click.Choice(["1", "2"]), show_choices=False)
        settings = for_target(settings, "practice" if answer == "1" else "azure")
        save(settings.home, {"target": settings.target or ""})
    if settings.target == "practice":
        await in_daemon_thread(partial(client.start, practice_folder(settings.home)))
    else:
        settings = await settle_names(settings, os.environ)
    while True:
        async with open_session(settings, workshop=chosen.workshop) as session:
            plain = Plain(session)
            ended = await plain.run(step_id)
        if not plain.other_names:
            return ended
        settings, step_id = await settle_names(settings_in_use(session), os.environ, again=True), ""
