"""Actions, resets and findings line by line, as plain text."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from workshop_tui.authoring import Applied, Noted, Planned, Working
from workshop_tui.events import ActionEnded, ActionProgressed, CheckStarted, Found, StepJudged, Undone
from workshop_tui.report_text import finding_lines

if TYPE_CHECKING:
    from workshop_tui.authoring import Progress
    from workshop_tui.events import Event


class Narrator:
    """Prints the guide's events on standard output. Repeats of the same finding are told once."""

    def __init__(self, *, colour: bool, width: int = 0, dry_run: bool = False, commands: bool = True) -> None:
        """Fold lines at `width` columns; 0 is the terminal's, and 100 where there is none.

        `commands` tells of what is undone with which command; not needed where they were listed just before.
        """
        self._colour = colour
        self._width = width or shutil.get_terminal_size((100, 24)).columns
        self._dry_run = dry_run
        self._commands = commands
        self._told: dict[tuple[str, str], str] = {}
        self._last_working = ""
        self._quarters: dict[str, int] = {}

    def tell(self, event: Event) -> None:
        """Print one event."""
        match event:
            case ActionProgressed(progress=progress):
                self._progress(progress)
            case ActionEnded(problem=problem, remedy=remedy) if problem:
                click.echo(f"  ✘ {problem}")
                if remedy:
                    click.echo(f"      way out {remedy}")
            case Found(step=step, check=check, finding=finding):
                key, said = (step, check.id), f"{finding.verdict}{finding.observed}"
                if self._told.get(key) != said:
                    self._told[key] = said
                    for line in finding_lines(check, finding, width=self._width, colour=self._colour):
                        click.echo(line)
            case Undone(undo=undo, problem=problem):
                sign = "✘" if problem else ("·" if self._dry_run else "↶")
                click.echo(f"  {sign} {undo.change.what}")
                if undo.change.command and self._commands:
                    click.echo(f"      {undo.change.command.replace(chr(10), chr(10) + '      ')}")
                if problem:
                    click.echo(f"      {problem}")
            case CheckStarted() | StepJudged() | ActionEnded():
                pass

    def _progress(self, progress: Progress) -> None:
        match progress:
            case Planned(change=change):
                click.echo(f"  → {change.what}")
                if change.command:
                    click.echo("      " + change.command.replace("\n", "\n      "))
                for line in change.difference:
                    click.echo(f"      {line}")
            case Applied(change=change, already=already):
                click.echo(f"  ✓ {change.what}" + (" (it was so already)" if already else ""))
            case Working(text=text) if text != self._last_working and self._is_news(progress):
                self._last_working = text
                click.echo(f"    {text}")
            case Noted() | Working():
                pass

    def _is_news(self, working: Working) -> bool:
        """Return whether to print it: of what counts up, only each new quarter; a line is for ever."""
        if working.fraction is None:
            return True
        quarter = int(working.fraction * 4)
        known = self._quarters.get(working.item)
        self._quarters[working.item] = quarter
        return quarter != known
