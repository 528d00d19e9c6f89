"""`workshop-tui rehearse`: the main job in one command."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from workshop_tui.cli.ending import leave, tell, wants_colour
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode


@click.command("rehearse")
@click.option("--proof", is_flag=True, help="Reset every step as well, and do it all once more.")
@click.option(
    "--time-scale", type=click.FloatRange(0.1, 1000), default=10.0, help="Simulated seconds a real second."
)
@click.option(
    "--builder",
    type=click.Choice(["auto", "docker", "embedded"]),
    default="auto",
    help="Who builds the image.",
)
@click.option(
    "--source",
    "source_from",
    type=click.Choice(["starter", "clone", "auto"]),
    default="starter",
    help="Where the app's code comes from.",
)
@click.option("--keep", is_flag=True, help="Keep the rehearsal's folder and say where it is.")
@click.option(
    "--workshop", type=click.Path(path_type=Path, file_okay=False), help="Another workshop's folder."
)
def rehearse_command(
    *, proof: bool, time_scale: float, builder: str, source_from: str, keep: bool, workshop: Path | None
) -> None:
    """Run the whole workshop in a practice cloud of its own: every step red, done, green."""
    from workshop_tui.practice import client  # noqa: PLC0415 - keeps --help quick

    started = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="workshop-tui-rehearsal-"))
    practice = home / "practice"
    code = ExitCode.FAILED
    try:
        client.start(practice, time_scale=time_scale)
        tell(f"A practice cloud of its own answers after {time.monotonic() - started:.1f} s.")
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "HOME", "WORKSHOP_TUI_BASE_IMAGE", "DOCKER_HOST"}
        } | {
            "WORKSHOP_TUI_HOME": str(home),
            "WORKSHOP_TUI_BUILDER": builder,
            "WORKSHOP_TUI_SOURCE_FROM": source_from,
        }
        code = run(_rehearse(environment, workshop, proof=proof))
        tell(
            f"{'Proven' if code is ExitCode.PASSED else 'Not proven'} in {time.monotonic() - started:.1f} s."
        )
    finally:
        client.stop(practice)
        if keep:
            tell(f"Kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    leave(code)


async def _rehearse(environment: dict[str, str], workshop: Path | None, *, proof: bool) -> ExitCode:
    from workshop_tui.cli.narrate import Narrator  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.log import start_log  # noqa: PLC0415 - likewise
    from workshop_tui.rehearse import Rehearsal  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise
    from workshop_tui.settings import load_settings  # noqa: PLC0415 - likewise

    settings = load_settings(environment, target="practice")
    start_log(settings.home)
    narrator = Narrator(colour=wants_colour())
    async with open_session(settings, workshop=workshop) as session:
        rehearsal = Rehearsal(session, say=click.echo, told=narrator.tell)
        good = await rehearsal.run(proof=proof)
    for problem in rehearsal.problems:
        click.echo(f"✘ {problem}")
    sys.stdout.flush()
    return ExitCode.PASSED if good else ExitCode.FAILED
