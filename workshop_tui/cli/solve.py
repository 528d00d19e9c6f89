"""`workshop-tui solve`: the actions, done for the learner."""

from __future__ import annotations

import shlex
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.completion import complete_step
from workshop_tui.cli.console import leave, say, wants_colour
from workshop_tui.cli.options import Chosen, choose_steps, steps_argument, target_options
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from workshop_tui.workshop import Step, Workshop


@click.command("solve", short_help="Do the steps' actions for you, checking each.")
@steps_argument
@click.option(
    "--until", metavar="STEP", shell_complete=complete_step, help="All steps up to and with this one."
)
@click.option("--bonus", is_flag=True, help="The bonus step, too.")
@target_options
def solve_command(chosen: Chosen, *, steps: tuple[str, ...], until: str | None, bonus: bool) -> None:
    """Do the steps' actions, checking each before going on; all but the bonus by default.

    Steps that have passed already are left as they are, unless you name them. Interrupted? Run it again.
    """
    if steps and until:
        raise click.UsageError("Name steps, or --until STEP, not both.")
    leave(run(_solve(chosen, steps, until, bonus=bonus)))


def _chosen_steps(
    workshop: Workshop, names: tuple[str, ...], until: str | None, *, bonus: bool
) -> list[Step]:
    if until is None:
        return choose_steps(workshop, names, bonus=bonus)
    last = workshop.step(until)
    return [step for step in workshop.steps if step.number <= last.number]


async def _solve(chosen: Chosen, names: tuple[str, ...], until: str | None, *, bonus: bool) -> ExitCode:
    from workshop_tui.cli.narrate import Narrator  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.events import ActionEnded, StepJudged  # noqa: PLC0415 - likewise
    from workshop_tui.exit_codes import exit_code_for  # noqa: PLC0415 - likewise
    from workshop_tui.findings import Verdict  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise

    named = (*names, until) if until else names
    async with open_session(chosen.settings(), workshop=chosen.workshop, steps=named) as session:
        narrator = Narrator(colour=wants_colour())
        for step in _chosen_steps(session.workshop, names, until, bonus=bonus):
            click.echo(f"{step.number:2} · {step.title}")
            if not names and await session.guide.passed(step):
                click.echo("  ✔ is so already")
                continue
            gate = await session.guide.gate(step)
            if gate.missing:
                say(f"  ✘ {gate.sentence}", indent="    ")
                if gate.verdict is Verdict.FAILED:
                    words = ("workshop-tui", "solve", "--until", step.id, *chosen.as_arguments())
                    click.echo(f"      run     {shlex.join(words)}")
                return exit_code_for(gate.verdict)
            verdict = Verdict.UNKNOWN
            async with aclosing(session.guide.solve(step)) as events:
                async for event in events:
                    narrator.tell(event)
                    if isinstance(event, StepJudged):
                        verdict = event.verdict
                    elif isinstance(event, ActionEnded) and not event.done:
                        return ExitCode.FAILED
            if verdict is not Verdict.PASSED:
                return exit_code_for(verdict)
    return ExitCode.PASSED
