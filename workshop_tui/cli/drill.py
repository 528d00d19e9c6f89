"""`workshop-tui drill`: find-the-fault exercises in the practice cloud."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.completion import complete_drill
from workshop_tui.cli.console import leave, say, tell
from workshop_tui.cli.options import Chosen, target_options
from workshop_tui.cli.running import run
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from workshop_tui.drills.store import DrillStore
    from workshop_tui.report import Report
    from workshop_tui.settings import Settings


@click.group("drill", short_help="Find and mend a fault in the practice cloud.")
def drill_command() -> None:
    """Find-the-fault exercises: one puts something wrong into a practice cloud in which all is right.

    You find it and mend it with any tool; `drill check` says whether it is mended.
    """


def _store() -> DrillStore:
    from workshop_tui.drills.store import DrillStore  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.settings import load_settings  # noqa: PLC0415 - likewise

    return DrillStore(load_settings().home)


def _settings(chosen: Chosen) -> Settings:
    """Return the settings with the practice cloud as the target: there is no other place for drills."""
    return replace(chosen, target=chosen.target or "practice").settings()


@drill_command.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to print.")
def list_drills(form: str) -> None:
    """List the drills: id, difficulty, title, and which you have solved."""
    from workshop_tui.drills import load_drills  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.drills.rows import count_of, row_of  # noqa: PLC0415 - likewise

    drills, store = load_drills(), _store()
    solved, running = store.solved(), store.running()
    if form == "json":
        rows = [
            {
                "id": item.id,
                "title": item.title,
                "difficulty": item.difficulty,
                "solved": solved.get(item.id),
                "running": running is not None and running.drill == item.id,
            }
            for item in drills
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max(len(item.id) for item in drills)
    for item in drills:
        click.echo(row_of(item, solved, running, id_width=width))
    click.echo(f"{count_of(drills, solved)}.")


@drill_command.command("start", short_help="Put a drill's fault into the practice cloud.")
@click.argument("drill_id", metavar="ID", shell_complete=complete_drill)
@target_options
def start(chosen: Chosen, *, drill_id: str) -> None:
    """Put the drill's fault into the practice cloud; all must be right there before."""
    leave(run(_start(chosen, drill_id)))


async def _start(chosen: Chosen, drill_id: str) -> ExitCode:
    from workshop_tui import drilling  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.drills import load_drill  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise

    drill = load_drill(drill_id)
    async with open_session(_settings(chosen), workshop=chosen.workshop) as session:
        async for line in drilling.start(session, drill_id):
            tell(line)
    say(f"{drill.title}\n\n{drill.symptom}\n")
    click.echo("Find it and mend it with any tool. Then: workshop-tui drill check")
    click.echo("Nothing wrong, you think? workshop-tui drill answer nothing · Stuck? workshop-tui drill hint")
    return ExitCode.PASSED


@drill_command.command("check", short_help="Say whether it is mended; the exit code tells.")
@target_options
def check(chosen: Chosen) -> None:
    """Say whether the drill that runs is mended; the exit code tells."""
    leave(run(_check(chosen)))


async def _check(chosen: Chosen) -> ExitCode:
    from workshop_tui import drilling  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.findings import Verdict  # noqa: PLC0415 - likewise
    from workshop_tui.report import tally  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise

    async with open_session(_settings(chosen), workshop=chosen.workshop, read_only=True) as session:
        report, solved = await drilling.check(session)
    if solved:
        running = _store().running()
        counts = "" if running is None or not running.revealed else " It was revealed, so it does not count."
        click.echo(f"Solved: everything is right again.{counts} Tidy up with: workshop-tui drill stop")
        return ExitCode.PASSED
    if report.verdict is Verdict.PASSED:
        click.echo("Every check passes. Was nothing wrong at all? workshop-tui drill answer nothing")
        return ExitCode.PENDING
    click.echo(f"Not yet: {tally(report)}. The details: {_same_check(report)}")
    return report.exit_code


def _same_check(report: Report) -> str:
    """Return the self-check that looks where a drill does: at this machine and the bonus where they count."""
    from workshop_tui.findings import Scope  # noqa: PLC0415 - keeps --help quick

    scopes = {check.scope for item in report.steps for check, _ in item.findings}
    options = (
        "--practice",
        *(["--scope all"] if Scope.WORKSTATION in scopes else []),
        *(["--bonus"] if any(item.step.bonus for item in report.steps) else []),
    )
    return " ".join(("workshop-tui check", *options))


@drill_command.command("answer", short_help="Declare that nothing is wrong.")
@click.argument("answer", type=click.Choice(["nothing"]))
@target_options
def answer_drill(chosen: Chosen, *, answer: str) -> None:
    """Declare that nothing is wrong: some drills only do things differently."""
    del answer
    leave(run(_answer(chosen)))


async def _answer(chosen: Chosen) -> ExitCode:
    from workshop_tui import drilling  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise

    async with open_session(_settings(chosen), workshop=chosen.workshop, read_only=True) as session:
        right = await drilling.answer_nothing(session)
    click.echo("Right. Tidy up with: workshop-tui drill stop" if right else "No: something is wrong.")
    return ExitCode.PASSED if right else ExitCode.FAILED


@drill_command.command("hint")
def hint() -> None:
    """Give the next hint."""
    from workshop_tui.drilling import give_hint  # noqa: PLC0415 - keeps --help quick

    say(give_hint(_store()))


@drill_command.command("reveal", short_help="Tell what is wrong and what mends it.")
def reveal_drill() -> None:
    """Tell what is wrong, what was done, and what mends it; the drill no longer counts as solved."""
    from workshop_tui.causes import CATALOGUE  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.drilling import reveal  # noqa: PLC0415 - likewise

    drill = reveal(_store())
    for code in drill.causes:
        click.echo(f"Cause: {CATALOGUE[code].title} ({code})")
    say(f"{drill.told}\n\nWhat mends it: {drill.fix}")


@drill_command.command("stop")
@target_options
def stop(chosen: Chosen) -> None:
    """Have the world as it was before the drill, mended or not."""
    leave(run(_stop(chosen)))


async def _stop(chosen: Chosen) -> ExitCode:
    from workshop_tui import drilling  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.session import open_session  # noqa: PLC0415 - likewise

    async with open_session(_settings(chosen), workshop=chosen.workshop) as session:
        async for line in drilling.stop(session):
            tell(line)
    return ExitCode.PASSED
