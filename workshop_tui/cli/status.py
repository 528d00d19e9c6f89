"""`workshop-tui status`: where the learner stands, from facts."""

from __future__ import annotations

import shlex

import click

from workshop_tui.cli.console import leave, say
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode


@click.command("status", short_help="Show where you stand, from facts read now.")
@target_options
def status_command(chosen: Chosen) -> None:
    """Show where you stand: each step's verdict on facts read now, and what comes next."""
    leave(run(_status(chosen)))


async def _status(chosen: Chosen) -> ExitCode:
    from workshop_tui.findings import Verdict  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.report import SIGNS  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session, take_report  # noqa: PLC0415 - likewise

    async with open_session(chosen.settings(), workshop=chosen.workshop, read_only=True) as session:
        names = session.names
        click.echo(f"{session.workshop.title} · {session.target.kind} · {names.resource_group}")
        report = await take_report(session, session.workshop.steps)
        passed = {item.step.id for item in report.steps if item.verdict is Verdict.PASSED}
        ahead = None
        for item in report.steps:
            step = item.step
            opened = all(needed in passed for needed in step.needs)
            sign = SIGNS[item.verdict] if opened or step.id in passed else "○"
            word = item.verdict.value if opened or step.id in passed else "not open yet"
            click.echo(f" {sign} {step.number:2} · {step.title}: {word}" + (" (bonus)" if step.bonus else ""))
            if ahead is None and step.id not in passed and opened:
                ahead = item
        if ahead is None:
            click.echo("Every step has passed.")
            return ExitCode.PASSED
        say(f"Next: {ahead.step.title}. {ahead.step.summary}")
        for check, finding in ahead.findings:
            if finding.verdict is not Verdict.PASSED:
                say(f"  {SIGNS[finding.verdict]} {check.title}: {finding.observed}", indent="    ")
        words = shlex.join((ahead.step.id, *chosen.as_arguments()))
        click.echo(f"Do it by hand: workshop-tui run --step {words}")
        click.echo(f"Have it done:  workshop-tui solve {words}")
    return ExitCode.PASSED
