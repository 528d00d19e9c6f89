"""`workshop-tui shell`: the learner's own shell with every setting exported."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from workshop_tui.cli.console import tell
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.cli.running import interrupts_left_to_the_child, run


@click.command("shell", short_help="Open your shell with every setting exported.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@target_options
def shell_command(chosen: Chosen, command: tuple[str, ...]) -> None:
    """Open your shell with RG_NAME, AKS_NAME, IMAGE_NAME … set; or run COMMAND there (after --)."""
    environment = run(_environment(chosen))
    words = list(command) or [os.environ.get("SHELL") or "/bin/sh"]
    if not command:
        tell("The workshop's settings are exported. `exit` brings you back.")
    try:
        with interrupts_left_to_the_child():
            ended = subprocess.run(words, env={**os.environ, **environment}, check=False)  # noqa: S603 - their own shell
    except OSError as error:
        raise click.UsageError(f"{words[0]} cannot be started: {error.strerror}.") from error
    # A child that a signal ended has a negative code here; shells say 128 and its number.
    sys.exit(ended.returncode if ended.returncode >= 0 else 128 - ended.returncode)


async def _environment(chosen: Chosen) -> dict[str, str]:
    from workshop_tui.session import open_session, shell_environment  # noqa: PLC0415 - keeps --help quick

    async with open_session(chosen.settings(), workshop=chosen.workshop, read_only=True) as session:
        return shell_environment(session, await session.guide.variables())
