"""A drill's row tells the same wherever it is drawn: what runs, what is solved, how hard, and its title."""

from __future__ import annotations

from workshop_tui.drills import load_drill
from workshop_tui.drills.rows import count_of, row_of
from workshop_tui.drills.store import Running


def test_a_row_has_sign_difficulty_and_title_and_the_id_where_there_is_width() -> None:
    easy, hard = load_drill("nobody-home"), load_drill("two-cooks")
    assert row_of(easy, ()) == f"  easy    {easy.title}"
    assert row_of(hard, {"two-cooks"}) == f"✔ hard    {hard.title}"
    assert row_of(easy, (), id_width=13) == f"  nobody-home    easy    {easy.title}"
    running = Running("two-cooks", "2026-11-25T08:00:00+00:00")
    assert row_of(hard, {"two-cooks"}, running).startswith("▶ ")
    assert row_of(easy, {"nobody-home"}, running).startswith("✔ ")


def test_what_is_no_drill_any_more_does_not_count_as_solved() -> None:
    drills = [load_drill("nobody-home"), load_drill("two-cooks")]
    assert count_of(drills, {"two-cooks": "then", "gone": "long ago"}) == "1 of 2 solved"
