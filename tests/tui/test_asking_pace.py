"""When the model is asked again: soon after a change, and ever more rarely while nothing changes."""

from __future__ import annotations

import time

import pytest

from workshop_tui.tui.asking_pace import AskingPace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test turns on."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def pauses(pace: AskingPace, clock: list[float], count: int, *, pending: bool = False) -> list[float]:
    """Ask as soon as it may be asked, with the same answer each time; return the pauses between."""
    found = []
    for _ in range(count):
        pace.note_asked(changed=False, pending=pending)
        found.append(pace.seconds_left)
        clock[0] += pace.seconds_left
    return found


def test_the_first_look_asks_and_the_pauses_double_up_to_two_minutes(clock: list[float]) -> None:
    pace = AskingPace()
    assert pace.seconds_left == 0
    assert pauses(pace, clock, 7) == [8, 16, 32, 64, 120, 120, 120]


def test_what_is_expected_to_come_right_by_itself_is_asked_about_more_often(clock: list[float]) -> None:
    assert pauses(AskingPace(), clock, 5, pending=True) == [8, 16, 30, 30, 30]


def test_another_answer_or_another_world_makes_the_pause_short_again(clock: list[float]) -> None:
    pace = AskingPace()
    pauses(pace, clock, 5)
    pace.note_asked(changed=True)
    assert pace.seconds_left == 8
    pauses(pace, clock, 5)
    pace.note_asked(changed=False)
    clock[0] += 50
    pace.note_change()
    assert pace.seconds_left == 0, "it was asked long enough ago"
    pace.note_asked(changed=False)
    clock[0] += 1
    pace.note_change()
    assert pace.seconds_left == 7, "however often things change, there are eight seconds between two answers"


def test_who_has_been_at_work_is_told_at_once(clock: list[float]) -> None:
    pace = AskingPace()
    pauses(pace, clock, 5)
    pace.note_asked(changed=False)
    pace.begin()
    assert pace.seconds_left == 0
