"""`workshop-tui rehearse`: the main job in one command."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.console import leave, tell, wants_colour
from workshop_tui.cli.running import run, undisturbed
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("rehearse", short_help="Play the whole workshop without a screen, in a practice cloud.")
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
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder to rehearse in, instead of a temporary one; it is kept.",
)
@click.option(
    "--workshop", type=click.Path(path_type=Path, file_okay=False), help="Another workshop's folder."
)
def rehearse_command(
    *,
    proof: bool,
    time_scale: float,
    builder: str,
    source_from: str,
    keep: bool,
    home: Path | None,
    workshop: Path | None,
) -> None:
    """Play the whole workshop in a practice cloud of its own: every step red, done, green.

    Nothing is left behind; your own home, sign-ins and kubeconfig are not touched. The exit code is 0 only if
    every check passed, each step having failed before its action.
    """
    from workshop_tui.workshop import find_bundled, load_workshop  # noqa: PLC0415 - keeps --help quick

    started = time.monotonic()
    load_workshop(workshop or find_bundled())  # a wrong folder is told before anything is started
    with _home(home, keep=keep) as folder, _practice_cloud(folder / "practice", time_scale):
        tell(f"A practice cloud of its own answers after {time.monotonic() - started:.1f} s.")
        environment = {
            "WORKSHOP_TUI_HOME": str(folder),
            "WORKSHOP_TUI_BUILDER": builder,
            "WORKSHOP_TUI_SOURCE_FROM": source_from,
            "LOCAL_PORT": str(_free_port()),
        }
        good = run(_rehearse(environment, workshop, proof=proof))
    tell(f"{'Proven' if good else 'Not proven'} in {time.monotonic() - started:.1f} s.")
    leave(ExitCode.PASSED if good else ExitCode.FAILED)


def _free_port() -> int:
    """Return a port for the app: the usual one may be taken, by the learner's own or another rehearsal."""
    import socket  # noqa: PLC0415 - keeps --help quick

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def _home(chosen: Path | None, *, keep: bool) -> Iterator[Path]:
    """Give the rehearsal a home of its own; gone at the end, unless it was chosen or is to be kept."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(chosen.iterdir()):
            raise click.UsageError(f"--home: {chosen} is not empty. A rehearsal starts from nothing.")
        yield chosen.absolute()
        tell(f"Kept: {chosen}")
        return
    folder = Path(tempfile.mkdtemp(prefix="workshop-tui-rehearsal-"))
    try:
        yield folder
    finally:
        with undisturbed():
            if keep:
                tell(f"Kept: {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _practice_cloud(folder: Path, time_scale: float) -> Iterator[None]:
    """Run a practice cloud, and stop it whatever happens."""
    from workshop_tui.practice import client  # noqa: PLC0415 - keeps --help quick

    registry = ""
    try:
        registry = client.start(folder, time_scale=time_scale)["registry"]
        yield
    finally:
        with undisturbed():
            client.stop(folder)
            _tidy_docker(registry)


def _tidy_docker(registry: str) -> None:
    """Take the rehearsal's images out of the machine's Docker, which nothing else would ever do."""
    if registry and (shutil.which("docker") or os.environ.get("DOCKER_HOST")):
        from workshop_tui.cloud.docker_leftovers import remove_images_of  # noqa: PLC0415 - only at the end

        run(remove_images_of(registry))


async def _rehearse(environment: dict[str, str], workshop: Path | None, *, proof: bool) -> bool:
    from workshop_tui.cli.narrate import Narrator  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.log import start_log  # noqa: PLC0415 - likewise
    from workshop_tui.rehearse import Rehearsal  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise
    from workshop_tui.settings import load_settings  # noqa: PLC0415 - likewise

    tools = {name: value for name in ("PATH", "HOME", "DOCKER_HOST") if (value := os.environ.get(name))}
    settings = load_settings(tools | environment, target="practice")
    start_log(settings.home)
    narrator = Narrator(colour=wants_colour())
    async with open_session(settings, workshop=workshop) as session:
        rehearsal = Rehearsal(session, say=click.echo, told=narrator.tell)
        good = await rehearsal.run(proof=proof)
    for problem in rehearsal.problems:
        click.echo(f"✘ {problem}")
    sys.stdout.flush()
    return good
