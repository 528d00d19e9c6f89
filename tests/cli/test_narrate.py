"""What a command prints while an action works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import Applied, Change, Planned, Working, failed, passed
from workshop_tui.cli.narrate import Narrator
from workshop_tui.events import ActionEnded, ActionProgressed, Found
from workshop_tui.findings import Scope
from workshop_tui.workshop import Check

if TYPE_CHECKING:
    import pytest

CHECK = Check("here", "It is here", Scope.AZURE, lambda: passed("yes"))


def test_an_action_is_told_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    narrator = Narrator(colour=False)
    change = Change("Make it", "az make \\\n  --it")
    for progress in (Planned(change), Working("waiting"), Working("waiting"), Applied(change, already=True)):
        narrator.tell(ActionProgressed("look", progress))
    narrator.tell(ActionEnded("look", "It broke.", "Mend it."))
    assert capsys.readouterr().out.splitlines() == [
        "  → Make it",
        "      az make \\",
        "        --it",
        "    waiting",
        "  ✓ Make it (it was so already)",
        "  ✘ It broke.",
        "      way out Mend it.",
    ]


def test_what_counts_up_is_told_by_quarters(capsys: pytest.CaptureFixture[str]) -> None:
    narrator = Narrator(colour=False)
    for number in range(101):
        for layer in ("base", "app"):
            narrator.tell(ActionProgressed("look", Working(f"{layer} {number}", number / 100, layer)))
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines() if "base" in line] == [
        "0",
        "25",
        "50",
        "75",
        "100",
    ]


def test_the_same_finding_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    narrator = Narrator(colour=False)
    for finding in (failed("reading.throttled", "no"), failed("reading.throttled", "no"), passed("yes")):
        narrator.tell(Found("look", CHECK, finding))
    assert capsys.readouterr().out.count("It is here") == 2
