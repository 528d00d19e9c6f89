"""A diff is shown by signs and words, not by colour alone."""

from __future__ import annotations

from workshop_tui.tui.widgets.difference_text import difference_text


def test_lines_keep_their_signs_and_lose_what_only_says_where() -> None:
    lines = ["--- a/x", "+++ b/x", "@@ -1 +1 @@", " same", "-out [bold]", "+in"]
    assert difference_text(lines).plain == "   same\n  -out [bold]\n  +in\n"


def test_no_lines_are_no_text() -> None:
    assert difference_text([]).plain == ""
