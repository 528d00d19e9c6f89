"""What the shell's completion offers, and `workshop-tui completion`, which switches it on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_WORKSHOP_TUI_COMPLETE"


def complete_step(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the ids of the workshop's steps, each with its title."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only while completing

    from workshop_tui.workshop import WorkshopError, find_bundled, load_workshop  # noqa: PLC0415 - likewise

    try:
        workshop = load_workshop(context.params.get("workshop") or find_bundled())
    except WorkshopError:
        return []
    return [
        CompletionItem(step.id, help=step.title) for step in workshop.steps if step.id.startswith(incomplete)
    ]


def complete_drill(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the ids of the drills, each with its title."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only while completing

    from workshop_tui.drills import DrillFileError, load_drills  # noqa: PLC0415 - likewise

    try:
        drills = load_drills()
    except DrillFileError:
        return []
    return [CompletionItem(item.id, help=item.title) for item in drills if item.id.startswith(incomplete)]


@click.command("completion", short_help="Print what switches completion on in your shell.")
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
def completion_command(shell: str | None) -> None:
    """Print the script that completes commands, options and steps in SHELL, by default your own.

    \b
    bash: echo 'eval "$(workshop-tui completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(workshop-tui completion zsh)"' >> ~/.zshrc
    fish: workshop-tui completion fish > ~/.config/fish/completions/workshop-tui.fish
    """  # noqa: D301 - the backspace is click's mark of lines to keep
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only here

    name = shell or Path(os.environ.get("SHELL", "")).name
    source = get_completion_class(name) if name in _SHELLS else None
    if source is None:
        raise click.UsageError(f"Say for which shell: {', '.join(_SHELLS)}.")
    root = click.get_current_context().find_root().command
    click.echo(source(root, {}, "workshop-tui", _VARIABLE).source())
