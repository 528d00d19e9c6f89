"""Help for the place one stands in: its keys, taken from what is bound there, and its signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from workshop_tui.findings import Verdict
from workshop_tui.report import SIGNS
from workshop_tui.tui.keys import GROUPS, MOVE, NAMES
from workshop_tui.tui.screens.closer_looks import CloserLooks
from workshop_tui.tui.screens.details import Details
from workshop_tui.tui.widgets.finding_text import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.screen import Screen

_MEANINGS = {
    Verdict.PASSED: "as it should be",
    Verdict.FAILED: "something for you to do: the finding says what",
    Verdict.PENDING: "becomes right by itself: wait",
    Verdict.UNKNOWN: "could not be looked at: the finding says why",
}
_KEYS_WIDTH = 9
_KNOWN_ANYWAY = {"pageup", "pagedown"}
_BY_HAND = (
    "Read the page. Do what it says in the shell (s) or in another terminal, or let the step do itself (a)."
    " The checks look again by themselves; when all is right, n goes on. Nothing that you type is"
    " recorded.\n\n"
)


class Help(Details):
    """The help page: keys, and what the signs mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "close", "Close", tooltip="Go back", show=False)
    ]

    def __init__(self, screen: Screen[object]) -> None:
        """Take the screen to tell of."""
        super().__init__("Help", help_text(screen))


def help_text(screen: Screen[object]) -> Text:
    """Return what can be done on a screen."""
    text = Text()
    bindings = list(named_bindings(screen))
    if isinstance(screen, CloserLooks):
        text.append(_BY_HAND)
        for title, actions in GROUPS.items():
            text.append(f"{title}\n", style="bold")
            order = {action: place for place, action in enumerate(actions)}
            grouped = [each for each in bindings if each.action in order]
            _tell(text, sorted(grouped, key=lambda each: order[each.action]))
            text.append("\n")
        _tell_signs(text)
        text.rstrip()
        return text
    enter = getattr(screen, "enter_tells", "")
    if isinstance(screen.focused, OptionList) and enter:
        moving = [each for each in bindings if each.tooltip == MOVE]
        bindings = [each for each in bindings if each not in moving]
        _row(text, " ".join(("↑", "↓", *(each.key for each in moving))), MOVE)
        _row(text, "Enter", enter)
    if takes_letters(screen):
        _row(text, "letters", "Find what holds them")
    _tell(text, bindings)
    text.rstrip()
    return text


def named_bindings(screen: Screen[object]) -> Iterator[Binding]:
    """Yield the keys that do something on a screen, as far as there is something to say of them."""
    for key, active in screen.active_bindings.items():
        if not active.binding.tooltip or not active.enabled or active.binding.action == "command_palette":
            continue
        if not (takes_letters(screen) and len(key) == 1):
            yield active.binding


def takes_letters(screen: Screen[object]) -> bool:
    """Say whether a screen takes letters to find something with them."""
    return bool(getattr(screen, "takes_letters", False))


def _tell(text: Text, bindings: Iterable[Binding]) -> None:
    keys: dict[str, list[str]] = {}
    for binding in (each for each in bindings if each.key not in _KNOWN_ANYWAY):
        keys.setdefault(binding.tooltip, []).append(NAMES.get(binding.key, binding.key))
    for told, names in keys.items():
        _row(text, " ".join(names), told)


def _row(text: Text, keys: str, told: str) -> None:
    text.append(f"  {keys:{_KEYS_WIDTH}}", style="bold yellow").append(f"  {told}\n")


def _tell_signs(text: Text) -> None:
    text.append("Signs\n", style="bold")
    for verdict, sign in SIGNS.items():
        text.append(f"  {sign:{_KEYS_WIDTH}}  ", style=STYLES[verdict])
        text.append(f"{verdict.value}: {_MEANINGS[verdict]}\n")
