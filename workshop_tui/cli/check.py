"""`workshop-tui check`: the read-only self-check."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.console import leave, tell, wants_colour
from workshop_tui.cli.options import Chosen, choose_steps, steps_argument, target_options
from workshop_tui.cli.running import run

if TYPE_CHECKING:
    from workshop_tui.exit_codes import ExitCode
    from workshop_tui.findings import Scope
    from workshop_tui.report import Report

_FORMATS = ("table", "json", "junit", "markdown", "html")


@click.command("check", short_help="Check the steps, reading only; the exit code tells.")
@steps_argument
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", help="How to print it.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead.")
@click.option(
    "--scope",
    "scopes",
    metavar="LIST",
    help="Where to look: workstation,azure,cluster,live or all. Default: all but workstation; all for STEPs.",
)
@click.option("--bonus", is_flag=True, help="Count the bonus step, too.")
@click.option("--watch", is_flag=True, help="Look again until all has passed; print what changes.")
@target_options
def check_command(
    chosen: Chosen,
    *,
    steps: tuple[str, ...],
    form: str,
    output: Path | None,
    scopes: str | None,
    bonus: bool,
    watch: bool,
) -> None:
    """Check the steps, all by default, reading only. The exit code tells the verdict.

    With --watch it looks again, ever more rarely while nothing changes, prints each change (as a document of
    its own in the other formats), and ends when all has passed.
    """
    leave(run(_check(chosen, steps, form, output, scopes, bonus=bonus, watch=watch)))


async def _check(
    chosen: Chosen,
    names: tuple[str, ...],
    form: str,
    output: Path | None,
    scopes: str | None,
    *,
    bonus: bool,
    watch: bool,
) -> ExitCode:
    from workshop_tui.session import open_session, take_report  # noqa: PLC0415 - keeps --help quick

    wanted = _scopes(scopes, named=bool(names))
    opening = open_session(chosen.settings(), workshop=chosen.workshop, steps=names, read_only=True)
    async with opening as session:
        steps = choose_steps(session.workshop, names, bonus=bonus)
        if not any(wanted is None or check.scope in wanted for step in steps for check in step.checks):
            raise click.UsageError(f"None of these steps has a check in {scopes or 'these scopes'}.")
        if watch:
            from workshop_tui.cli.watching import watch_reports  # noqa: PLC0415 - only where it is asked for

            async for report in watch_reports(session, steps, wanted):
                _print(report, form, output)
        else:
            report = await take_report(session, steps, scopes=wanted)
            _print(report, form, output)
    return report.exit_code


def _print(report: Report, form: str, output: Path | None) -> None:
    from workshop_tui.report import as_json  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.report_junit import as_junit  # noqa: PLC0415 - likewise
    from workshop_tui.report_markdown import as_markdown  # noqa: PLC0415 - likewise
    from workshop_tui.report_page import as_html  # noqa: PLC0415 - likewise
    from workshop_tui.report_text import as_table  # noqa: PLC0415 - likewise

    if form == "table":
        colour = output is None and wants_colour()
        text = as_table(report, width=shutil.get_terminal_size((100, 24)).columns, colour=colour)
    else:
        renderings = {"json": as_json, "markdown": as_markdown, "junit": as_junit, "html": as_html}
        text = renderings[form](report)
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _write(output, text)
        tell(f"{report.verdict.value}: written to {output}")


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error


def _scopes(text: str | None, *, named: bool) -> frozenset[Scope] | None:
    from workshop_tui.findings import Scope  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.session import SELF_CHECK_SCOPES  # noqa: PLC0415 - likewise

    if text is None:
        return None if named else frozenset(SELF_CHECK_SCOPES)
    chosen = [part.strip() for part in text.split(",") if part.strip()]
    if chosen == ["all"]:
        return None
    known = {scope.value for scope in Scope}
    wrong = [part for part in chosen if part not in known]
    if wrong or not chosen:
        named_wrong = wrong[0] if wrong else "nothing"
        raise click.UsageError(
            f"--scope: there is no {named_wrong}; the scopes are {', '.join(sorted(known))}."
        )
    return frozenset(Scope(part) for part in chosen)
