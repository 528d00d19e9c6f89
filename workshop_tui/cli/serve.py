"""`workshop-tui serve`: the TUI in a browser."""

from __future__ import annotations

import click

from workshop_tui.cli.completion import complete_step
from workshop_tui.cli.console import tell
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode


@click.command("serve", short_help="Open the TUI in a browser, on this machine alone.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Port to listen on; 0: any.")
@click.option("--step", "step_id", metavar="STEP", shell_complete=complete_step, help="Open at this step.")
@target_options
def serve_command(chosen: Chosen, *, port: int, step_id: str | None) -> None:
    """Serve the TUI to one browser on this machine (in Codespaces: through its forwarded port).

    It works with your own credentials: the address that is printed opens once, for whoever opens it first.
    """
    from workshop_tui.serving import serve  # noqa: PLC0415 - aiohttp loads with it
    from workshop_tui.workshop import find_bundled, load_workshop  # noqa: PLC0415 - keeps --help quick

    workshop = load_workshop(chosen.workshop or find_bundled())
    arguments = [*chosen.as_arguments(), *(["--step", workshop.step(step_id).id] if step_id else [])]

    def say(address: str) -> None:
        tell(f"Open this address; it opens once:\n\n  {address}\n\nCtrl+C ends it.")

    try:
        run(serve(arguments, title=workshop.title, port=port, tell=say))
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be had: {error.strerror}. Name another: --port."
        ) from error
    raise SystemExit(ExitCode.PASSED)
