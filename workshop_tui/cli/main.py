"""The command `workshop-tui`: its groups, and what happens to errors."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module

import click

from workshop_tui import __version__
from workshop_tui.report import ExitCode

_COMMANDS = {
    "run": "run",
    "rehearse": "rehearse",
    "check": "check",
    "solve": "solve",
    "reset": "reset",
    "status": "status",
    "shell": "shell",
    "practice": "practice",
}
"""Command to the module of this package that holds it; loaded only when it is called for."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are needed: --help and completion stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"workshop_tui.cli.{module}"), f"{module}_command")
        return command


@click.command(
    cls=_Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="workshop-tui")
@click.pass_context
def workshop_tui(context: click.Context) -> None:
    """A guided workshop: securely access Azure OpenAI from AKS with Workload Identity.

    Without a command it opens the TUI. New here? Try `workshop-tui rehearse`: the whole workshop, without a
    subscription, in about a minute.
    """
    if context.invoked_subcommand is None:
        command = workshop_tui.get_command(context, "run")
        if command is not None:
            context.invoke(command)


def main() -> None:
    """Run the command line; every error ends as a sentence, with the agreed exit code."""
    try:
        workshop_tui.main(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nInterrupted. Nothing is lost: run the same command again and it goes on.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - the last net: a sentence for people, the rest to the log
        sys.exit(_explain(error))


def _explain(error: Exception) -> ExitCode:
    from workshop_tui.journal import BusyError  # noqa: PLC0415 - only on the way out
    from workshop_tui.practice.client import PracticeError  # noqa: PLC0415 - only on the way out
    from workshop_tui.settings import SettingsError  # noqa: PLC0415 - only on the way out
    from workshop_tui.target import TargetError  # noqa: PLC0415 - only on the way out
    from workshop_tui.workshop import WorkshopError  # noqa: PLC0415 - only on the way out

    if isinstance(error, BusyError | PracticeError | SettingsError | TargetError | WorkshopError):
        text = str(error)
        click.echo(text[:1].upper() + text[1:], err=True)
        return ExitCode.USAGE
    logging.getLogger(__name__).error("the command failed", exc_info=error)
    from workshop_tui.cloud.text import clean  # noqa: PLC0415 - only on the way out
    from workshop_tui.log import log_file  # noqa: PLC0415 - only on the way out

    where = log_file()
    click.echo(
        f"Something went wrong that should not have: {type(error).__name__}: {clean(str(error))}\n"
        + (f"The details are in {where}" if where else "Nothing was written to the log."),
        err=True,
    )
    return ExitCode.FAILED
