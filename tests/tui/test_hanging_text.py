"""Long lines go on under their words, and are copied as they were."""

from __future__ import annotations

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from workshop_tui.tui.widgets.hanging_text import HangingText, hang


def hung(text: str, width: int) -> list[str]:
    return [line.text.plain for line in hang(Text(text), width)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("✔ The resource group of this shop is there", ["✔ The resource group of this", "  shop is there"]),
        ("  want  a name that is the same on both", ["  want  a name that is the same", "        on both"]),
        ("  --name myCluster --group myResourceGroup", ["  --name myCluster --group", "  myResourceGroup"]),
        ("a\n\nb", ["a", "", "b"]),
    ],
)  # fmt: skip
def test_a_broken_line_goes_on_under_its_words(text: str, lines: list[str]) -> None:
    assert hung(text, 32) == lines


def test_a_word_wider_than_the_room_is_shown_whole() -> None:
    path = "/subscriptions/" + "0123456789" * 6
    lines = hung(f"  {path}", 40)
    assert "".join(line.strip() for line in lines) == path
    assert all(len(line) <= 40 for line in lines)


def test_wide_characters_are_counted_as_wide() -> None:
    assert all(line.text.cell_len <= 30 for line in hang(Text("✘ " + "資源 " * 30), 30))


COMMAND = "az aks get-credentials --resource-group myResourceGroup --name /a/path/too/wide/for/any/line/of/it"


class One(App[None]):
    def compose(self) -> ComposeResult:
        yield HangingText(Text(f"✘ Do this\n  {COMMAND}\nthen that"))


async def test_what_is_selected_has_no_breaks_of_ours() -> None:
    app = One()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        widget = app.query_one(HangingText)
        assert widget.size.height > 4
        assert widget.get_selection(SELECT_ALL) == (f"✘ Do this\n  {COMMAND}\nthen that", "\n")
        within = widget.get_selection(Selection(Offset(2, 1), Offset(9, widget.size.height - 2)))
        assert within is not None
        assert COMMAND.startswith(within[0])
        assert len(within[0]) > 60
