"""`workshop-tui reset`: put the world back to before a step."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.completion import complete_step
from workshop_tui.cli.console import confirmed, leave, tell, wants_colour
from workshop_tui.cli.options import Chosen, steps_argument, target_options
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from workshop_tui.workshop import Step, Workshop


@click.command("reset", short_help="Undo what steps made; lists it first.")
@steps_argument
@click.option(
    "--from", "first", metavar="STEP", shell_complete=complete_step, help="This step and all after it."
)
@click.option("--all", "everything", is_flag=True, help="Every step.")
@click.option("--dry-run", is_flag=True, help="Only list what would be undone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@target_options
def reset_command(
    chosen: Chosen, *, steps: tuple[str, ...], first: str | None, everything: bool, dry_run: bool, yes: bool
) -> None:
    """Undo what these steps made, last first; only what carries the workshop's own mark."""
    if sum((bool(steps), first is not None, everything)) != 1:
        raise click.UsageError("Say which: STEP…, --from STEP or --all.")
    leave(run(_reset(chosen, steps, first, dry_run=dry_run, yes=yes)))


def _chosen_steps(workshop: Workshop, names: tuple[str, ...], first: str | None) -> list[Step]:
    if first is not None:
        start = workshop.step(first)
        return [step for step in workshop.steps if step.number >= start.number]
    if names:
        return [workshop.step(name) for name in names]
    return list(workshop.steps)


async def _reset(
    chosen: Chosen, names: tuple[str, ...], first: str | None, *, dry_run: bool, yes: bool
) -> ExitCode:
    from workshop_tui.cli.narrate import Narrator  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.events import Undone  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise

    named = (*names, first) if first else names
    async with open_session(chosen.settings(), workshop=chosen.workshop, steps=named) as session:
        steps = _chosen_steps(session.workshop, names, first)
        planned, problems = 0, 0
        listing = Narrator(colour=wants_colour(), dry_run=True)
        async with aclosing(session.guide.reset(steps, dry_run=True)) as events:
            async for event in events:
                listing.tell(event)
                if isinstance(event, Undone):
                    planned += 1
                    problems += bool(event.problem)
        if not planned:
            tell("There is nothing of the workshop's to undo.")
            return ExitCode.PASSED
        if dry_run:
            tell(f"{planned} to undo. This was a dry run: nothing was changed.")
            return ExitCode.UNKNOWN if problems else ExitCode.PASSED
        if not yes and not confirmed(f"Undo these {planned}?"):
            tell("Nothing was changed.")
            return ExitCode.PASSED
        narrator = Narrator(colour=wants_colour(), commands=False)
        problems = 0
        async with aclosing(session.guide.reset(steps)) as events:
            async for event in events:
                narrator.tell(event)
                problems += isinstance(event, Undone) and bool(event.problem)
        return ExitCode.FAILED if problems else ExitCode.PASSED
