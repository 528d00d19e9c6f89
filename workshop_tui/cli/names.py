"""The names to work under on Azure, asked for by numbered lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from workshop_tui.choosing import TITLES, Choosing, Chosen, DeadEnd, explain, is_complete
from workshop_tui.cli.console import tell
from workshop_tui.read_failure import ReadFailure
from workshop_tui.saved_settings import save
from workshop_tui.session import open_inventory
from workshop_tui.settings import overruling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.choosing import Question
    from workshop_tui.settings import Settings


async def settle_names(
    settings: Settings, environment: Mapping[str, str], *, again: bool = False
) -> Settings:
    """Return the settings with all names decided, asking where several would do; the answers are saved.

    `again` asks for what is decided, too. Where Azure shows nothing, that is said, and the names stay as they
    are: the checks say the rest.
    """
    if is_complete(settings.names) and not again:
        return settings
    async with open_inventory(settings) as reader:
        choosing = Choosing(reader, settings.names, again=again)
        try:
            names = await _walk(choosing)
        except ReadFailure as failure:
            names = explain(failure.unreadable)
    if isinstance(names, str):
        click.echo(names)
        return settings
    save(settings.home, names, "azure")
    for variable in overruling(environment, names):
        tell(f"{variable} in your environment will come first at the next start.")
    kept = {name: value for name, value in settings.names.items() if name not in TITLES}
    return replace(settings, names=kept | {name: value for name, value in names.items() if value})


async def _walk(choosing: Choosing) -> Mapping[str, str] | str:
    """Return the names, or why there are none to choose from."""
    while True:
        match await choosing.go_on(lambda says: tell(f"{says} …")):
            case DeadEnd(reason=reason):
                return reason
            case Chosen(names=names):
                return names
            case question:
                _ask(choosing, question)


def _ask(choosing: Choosing, question: Question) -> None:
    if question.problem:
        click.echo(question.problem)
    click.echo(question.title)
    for number, each in enumerate(question.candidates, 1):
        note = f", {each.note}" if each.note else ""
        click.echo(f"{number}: {each.title}, {each.detail}{note}.")
    if choosing.answers:
        click.echo("0: back to the question before.")
    lowest = 0 if choosing.answers else 1
    values = [each.value for each in question.candidates]
    number = click.prompt(
        "Number",
        type=click.IntRange(lowest, len(values)),
        default=values.index(question.present) + 1 if question.present in values else 1,
    )
    if number:
        choosing.answer(question, values[number - 1])
    else:
        choosing.back()
