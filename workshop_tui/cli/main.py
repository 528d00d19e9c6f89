"""The command `workshop-tui`: its groups, and what happens to errors."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workshop_tui import __version__
from workshop_tui.cli.console import PIPE_CLOSED, explain, tell
from workshop_tui.cli.running import EndedError, catch_ending_signals
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = (
    "run",
    "rehearse",
    "check",
    "solve",
    "reset",
    "status",
    "shell",
    "practice",
    "drill",
    "doctor",
    "serve",
    "completion",
)
"""Each is `<name>_command` in the module of that name; imported only when it is called for."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are needed: --help and completion stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order a newcomer needs them."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"workshop_tui.cli.{cmd_name}"), f"{cmd_name}_command")
        self.commands[cmd_name] = command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `workshop-tui --practice` and the bare word as `run`, and `help COMMAND` as its --help."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]  # as git, az and kubectl take it
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        bare = not args or (args[0].startswith("-") and args[0] not in own)
        if bare and not ctx.resilient_parsing:  # which is how the shell's completion parses
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one is answered with the nearest."""
        if self.get_command(ctx, args[0]) is None:
            from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

            near = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" The commands are: {', '.join(_COMMANDS)}."
            raise click.UsageError(f"There is no command {args[0]}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="workshop-tui")
def workshop_tui() -> None:
    """A guided workshop: securely access Azure OpenAI from AKS with Workload Identity.

    Without a command it opens the TUI. New here? `workshop-tui rehearse` plays the whole workshop without a
    screen and without a subscription, in about a minute.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error ends as a sentence, with the agreed exit code."""
    catch_ending_signals()
    # Python has no stream at all where the shell closed one (`>&-`); what would go there goes nowhere.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a sign must not end the command.
            stream.reconfigure(errors="backslashreplace")
    try:
        # Without its standalone mode click returns the code that a command left with.
        code = workshop_tui.main(arguments, prog_name="workshop-tui", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as leaving:
        code = PIPE_CLOSED if leaving.code == 1 and _nobody_reads() else leaving.code
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort) as interruption:
        tell("\nInterrupted. Nothing is lost: run the same command again and it goes on.")
        code = _exit_code_of(interruption)
    except BrokenPipeError:
        code = PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last net: a sentence for people, the rest to the log
        code = explain(error)
    sys.exit(_flushed(code if isinstance(code, int) else ExitCode.PASSED))


def _exit_code_of(interruption: BaseException) -> int:
    """Return 130 for Ctrl-C, 128 and its number for another signal; click hides either in its `Abort`."""
    ended = interruption.__cause__ if isinstance(interruption, click.Abort) else interruption
    return ended.exit_code if isinstance(ended, EndedError) else ExitCode.INTERRUPTED


def _nobody_reads() -> bool:
    """Return whether whoever read standard output has gone. Click hides that in an exit code of 1."""
    import select  # noqa: PLC0415 - only on the way out

    if not hasattr(select, "poll"):  # Windows
        return False
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        return False
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _flushed(code: int) -> int:
    """Flush standard output here, since Python would print a traceback of its own if nobody reads it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED
    except OSError as error:
        _drop_output()
        return explain(error)
    return code


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
