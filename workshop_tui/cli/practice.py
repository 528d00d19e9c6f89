"""`workshop-tui practice`: the practice cloud on its own."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from workshop_tui.cli.console import confirmed, leave, tell
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


def _folder() -> Path:
    import os  # noqa: PLC0415 - keeps --help quick

    from workshop_tui.settings import home_folder  # noqa: PLC0415 - likewise
    from workshop_tui.target import practice_folder  # noqa: PLC0415 - likewise

    return practice_folder(home_folder(os.environ))


@click.group("practice", short_help="Azure, a cluster and a registry on this machine.")
def practice_command() -> None:
    """The practice cloud: Azure, a cluster and a registry on this machine, with no subscription."""


@practice_command.command("start")
@click.option(
    "--time-scale", type=click.FloatRange(0.01, 1000), default=1.0, help="Simulated seconds a real second."
)
@click.option(
    "--role-seconds", type=click.FloatRange(0, 3600), default=3.0, help="Until a new role counts (simulated)."
)
@click.option(
    "--credential-seconds",
    type=click.FloatRange(0, 3600),
    default=2.0,
    help="Until Entra ID sees a new federated credential (simulated).",
)
@click.option(
    "--webhook-layout",
    type=click.Choice(("v1.5", "v1.6", "v1.6.1")),
    default="v1.5",
    help="Version of the workload identity webhook, which says where pods find their token.",
)
def start(time_scale: float, role_seconds: float, credential_seconds: float, webhook_layout: str) -> None:
    """Start it, and return once everything answers."""
    from workshop_tui.practice import client  # noqa: PLC0415 - keeps --help quick

    endpoints = client.start(
        _folder(),
        time_scale=time_scale,
        role_seconds=role_seconds,
        credential_seconds=credential_seconds,
        webhook_layout=webhook_layout,
    )
    tell(f"The practice cloud runs (process {endpoints.pid}).")
    tell('Point your own az and kubectl at it with: eval "$(workshop-tui practice env)"')


@practice_command.command("stop")
def stop() -> None:
    """Stop it; its world is kept."""
    from workshop_tui.practice import client  # noqa: PLC0415 - keeps --help quick

    stopped = client.stop(_folder())
    tell("Stopped. Its world is kept for the next start." if stopped else "No practice cloud was running.")


@practice_command.command("status")
def status() -> None:
    """Say whether it runs, and where. Exit code 0 when it does, 1 when not."""
    from workshop_tui.practice import client  # noqa: PLC0415 - keeps --help quick

    endpoints = client.status(_folder())
    if endpoints is None:
        click.echo("No practice cloud is running. Start one with: workshop-tui practice start")
        leave(ExitCode.FAILED)
    click.echo(f"running, process {endpoints.pid}, since {endpoints['started']}")
    for name in ("arm", "entra", "graph", "openai", "kubernetes", "issuer", "registry", "shop"):
        click.echo(f"  {name:11} {endpoints[name]}")


@practice_command.command("env")
def env() -> None:
    """Print export lines: eval "$(workshop-tui practice env)"."""
    from workshop_tui.log import start_log  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.settings import load_settings  # noqa: PLC0415 - likewise
    from workshop_tui.target import learner_environment, load_target  # noqa: PLC0415 - likewise

    settings = load_settings(target="practice")
    start_log(settings.home)
    variables = learner_environment(settings, load_target(settings))
    variables |= {"WORKSHOP_TUI_TARGET": "practice", "WORKSHOP_TUI_HOME": str(settings.home)}
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@practice_command.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, yes: bool) -> None:
    """Throw its world away; the next start makes a new one."""
    from workshop_tui.drills.store import DrillStore  # noqa: PLC0415 - likewise
    from workshop_tui.practice import client  # noqa: PLC0415 - keeps --help quick

    if not yes and not confirmed("Throw the practice world away, with all you did in it?"):
        tell("Nothing was changed.")
        return
    client.stop(_folder())
    client.reset(_folder())
    # What a drill would put back was in the world that is gone.
    DrillStore(_folder().parent).keep(None)
    tell("The practice world is gone. The next start makes a new one.")


@practice_command.command("log", short_help="Show what the practice cloud logged.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option(
    "-n", "--lines", "count", type=click.IntRange(0, 100_000), default=50, help="How many of the last lines."
)
def log(*, follow: bool, count: int) -> None:
    """Show what the practice cloud logged, without escape codes and secrets."""
    from workshop_tui.cloud.log_file import last_lines  # noqa: PLC0415 - keeps --help quick

    folder = _folder() / "log"
    if follow:
        _follow(folder / "practice.log", count)
    found = last_lines(folder / "practice.log", count)
    for line in found:
        click.echo(line)
    # What it said before its log was open, or when it broke down.
    last_words = last_lines(folder / "practice.out", count)
    if last_words:
        click.echo("It also said:")
        for line in last_words:
            click.echo(line)
    if not found and not last_words:
        tell("The practice cloud of this home has logged nothing yet.")


def _follow(path: Path, count: int) -> NoReturn:
    """Print the log as it grows. Ctrl-C is how one ends that, so nothing is said of it."""
    from contextlib import aclosing  # noqa: PLC0415 - keeps --help quick

    from workshop_tui.cli.running import EndedError, run  # noqa: PLC0415 - likewise
    from workshop_tui.cloud.log_file import follow_lines  # noqa: PLC0415 - likewise

    async def show() -> None:
        async with aclosing(follow_lines(path, count)) as lines:
            async for line in lines:
                click.echo(line)

    try:
        run(show())
    except KeyboardInterrupt as ending:
        sys.exit(ending.exit_code if isinstance(ending, EndedError) else ExitCode.INTERRUPTED)
    sys.exit(ExitCode.PASSED)
