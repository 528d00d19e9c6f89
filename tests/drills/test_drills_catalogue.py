"""Every drill's file says what it must, in words that the engine knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workshop_tui.drills import DrillFileError, UnknownDrillError, load_drill, load_drills
from workshop_tui.drills.catalogue import drill_ids
from workshop_tui.drills.drill import read_drill
from workshop_tui.workshop import find_bundled, load_workshop

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

GOOD = """
title = "The door is stuck"
difficulty = 1
causes = ["pod.label-missing"]
steps = ["redeploy"]
symptom = "It does not open."
hints = ["Push."]
told = "Somebody locked it."
fix = "Unlock it."

[[change]]
kind = "kubernetes"
do = "restart"
object = "Deployment/{deployment}"
"""


@pytest.fixture(scope="module")
def steps() -> Collection[str]:
    """Return the ids of the workshop's steps."""
    return load_workshop(find_bundled()).by_id.keys()


@pytest.mark.parametrize("drill_id", drill_ids())
def test_a_drill_is_as_it_must_be(drill_id: str, steps: Collection[str]) -> None:
    drill = load_drill(drill_id)
    assert [step for step in drill.steps if step not in steps] == []
    assert len(drill.hints) >= 3
    for code in drill.causes:
        assert code not in f"{drill.title} {drill.symptom}"


def test_titles_are_all_different_and_the_easy_ones_come_first() -> None:
    drills = load_drills()
    assert len({drill.title for drill in drills}) == len(drills)
    assert [drill.difficulty for drill in drills] == sorted(drill.difficulty for drill in drills)


def test_one_that_is_mistyped_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownDrillError, match="Did you mean bare-pods"):
        load_drill("bare-pod")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("pod.label-missing", "pod.label-mising", "no cause pod.label-mising"),
        ("difficulty = 1", "difficulty = 4", "1, 2 or 3"),
        ("difficulty = 1", 'difficulty = "1"', "difficulty must be there, as int"),
        ('do = "restart"', 'do = "reboot"', "no change of kind kubernetes that does reboot"),
        ("object =", "objekt =", "needs object and may have namespace"),
        ("{deployment}", "{deploymint}", "nothing is known as {deploymint}"),
        ('fix = "Unlock it."', 'fix = "Unlock it."\nnote = "?"', "there is no key note"),
        ('hints = ["Push."]', "hints = []", "it needs hints"),
        ("title =", "title", "cannot be read"),
    ],
)
def test_a_fault_in_a_file_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = tmp_path / "stuck-door.toml"
    assert old in GOOD
    file.write_text(GOOD, "utf-8")
    assert read_drill(file).title == "The door is stuck"
    file.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(DrillFileError, match=says):
        read_drill(file)
