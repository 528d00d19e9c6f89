"""What the shell's completion offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


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
