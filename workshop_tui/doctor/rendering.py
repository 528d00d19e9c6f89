"""What the doctor found, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from workshop_tui.doctor.catalogue import PLACES
from workshop_tui.doctor.diagnosis import Need, State, counts, summary
from workshop_tui.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workshop_tui.doctor.diagnosis import Diagnosis, Mode

SIGNS = {State.OK: "✔", State.LACKING: "✘", State.UNKNOWN: "?"}
"""How a state shows beside its word: never by colour alone."""
_COLOURS = {State.OK: "32", State.LACKING: "31", State.UNKNOWN: "35"}
_VERDICTS = {ExitCode.PASSED: State.OK, ExitCode.FAILED: State.LACKING, ExitCode.UNKNOWN: State.UNKNOWN}
_SECTIONS = {
    "practice": "Practice: no subscription, all on this machine",
    "azure": "Azure: your own subscription",
}


def in_order(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Return them in the order in which they are told."""
    return sorted(diagnoses, key=lambda item: PLACES[item.id])


def as_table(
    diagnoses: Iterable[Diagnosis], modes: Sequence[Mode], *, width: int = 80, colour: bool = False
) -> str:
    """Return it for reading in a terminal: a section a mode, then what is needed by hand, then hints."""
    found = in_order(diagnoses)
    lines: list[str] = []
    told: set[str] = set()
    for mode in modes:
        needed = [item for item in found if counts(item, mode)]
        lines.append(_heading(needed, mode))
        again = [item for item in needed if item.id in told]
        if again:
            lines += _indented(f"as above: {', '.join(item.title for item in again)}", width)
        lines += _section([item for item in needed if item.id not in told], width, colour=colour)
        told |= {item.id for item in needed}
    by_hand = [item for item in found if Need.BY_HAND in item.needed_for and item.id not in told]
    if by_hand:
        lines += ["Only for typing the commands yourself", *_section(by_hand, width, colour=colour)]
    hints = [item for item in found if not item.needed_for]
    if hints:
        lines += ["Good to know", *_section(hints, width, colour=colour)]
    return "\n".join(lines) + "\n"


def _section(items: Sequence[Diagnosis], width: int, *, colour: bool) -> list[str]:
    """Tell each; those that wait for the same thing in one breath."""
    lines: list[str] = []
    for (observed, waits), group in groupby(items, lambda item: (item.observed, _waits(item))):
        members = list(group)
        if waits and len(members) > 1:
            head = replace(members[0], title=f"{len(members)} more", observed=f"{observed}:")
            lines += _lines(head, width, colour=colour)
            lines += _indented(", ".join(item.title for item in members), width)
        else:
            for item in members:
                lines += _lines(item, width, colour=colour)
    return lines


def _waits(item: Diagnosis) -> bool:
    return item.state is State.UNKNOWN and not item.remedy and not item.command


def _heading(needed: Sequence[Diagnosis], mode: Mode) -> str:
    states = [item.state for item in needed]
    missing, unseen = states.count(State.LACKING), states.count(State.UNKNOWN)
    told = [f"{missing} lacking" if missing else "", f"{unseen} unknown" if unseen else ""]
    return f"{_SECTIONS[mode]} — {', '.join(filter(None, told)) or 'nothing lacking'}"


def _lines(item: Diagnosis, width: int, *, colour: bool) -> list[str]:
    sign = f"{SIGNS[item.state]} {item.state.value:7}"
    painted = f"\x1b[{_COLOURS[item.state]}m{sign}\x1b[0m" if colour else sign
    first, *rest = _indented(f"{item.title}: {item.observed}", width)
    lines = [f"  {painted} {first.strip()}", *rest, *_indented(item.remedy, width)]
    # Commands are never wrapped: they are there to be copied.
    return [*lines, *(f"{'':14}{line}" for line in item.command.splitlines())]


def _indented(text: str, width: int) -> list[str]:
    return [f"{'':12}{line}" for line in _wrapped(text, width - 12)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 30), break_long_words=False, break_on_hyphens=False)


def as_json(diagnoses: Iterable[Diagnosis], modes: Sequence[Mode], *, seconds: float) -> str:
    """Return the document that `docs/doctor.schema.json` describes."""
    found = in_order(diagnoses)
    document: dict[str, Any] = {
        "modes": {mode: _VERDICTS[summary(found, mode)].value for mode in modes},
        "seconds": round(seconds, 2),
        "diagnoses": [
            {
                "id": item.id,
                "title": item.title,
                "needed_for": [need.value for need in item.needed_for],
                "state": item.state.value,
                "observed": item.observed,
                "remedy": item.remedy,
                "command": item.command,
            }
            for item in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
