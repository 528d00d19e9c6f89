"""The keys: what each does, as the footer, the help and the palette say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from textual.binding import BindingType


def _shown(key: str, action: str, name: str, told: str) -> Binding:
    """Return a key that the footer has room for."""
    return Binding(key, action, name, tooltip=told, id=action)


def _known(key: str, action: str, name: str, told: str, *, priority: bool = False) -> Binding:
    """Return a key that help and palette name."""
    return Binding(key, action, name, tooltip=told, id=action, show=False, priority=priority)


HELP = _shown("question_mark", "app.help", "Help", "Keys and signs of this place")
MORE = _shown("colon", "app.command_palette", "More", "Find a command by typing; Ctrl+P, too")
MESSAGES = _known("m", "app.messages", "Messages", "All that was told in passing, whole")
QUIT = _known("Q", "app.quit", "Quit", "Leave; you come back to the same place")
MOVE = "Move in the list"
IN_LIST: list[BindingType] = [
    Binding("j", "cursor_down", tooltip=MOVE, show=False),
    Binding("k", "cursor_up", tooltip=MOVE, show=False),
]
"""What moves in a list beside the arrows, as it scrolls pages."""
READING: list[BindingType] = [
    Binding("j,down", "scroll(1)", tooltip="Scroll by a line", show=False),
    Binding("k,up", "scroll(-1)", tooltip="Scroll by a line", show=False),
    Binding("space,pagedown", "scroll(10)", tooltip="Scroll by a page", show=False),
    Binding("b,pageup", "scroll(-10)", tooltip="Scroll by a page", show=False),
]
"""What scrolls a text that is read."""
NAMES = {
    "question_mark": "?",
    "colon": ":",
    "comma": ",",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "up": "↑",
    "down": "↓",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}
"""What keys are called that are not called by their character."""

DESK_KEYS: list[BindingType] = [
    _shown("a", "act", "Do it", "Show what this step's action does, then do it"),
    _shown("c", "check", "Check", "Look again now"),
    _shown("n", "next", "Next", "Open the next step, when the gate is open"),
    _shown("h", "hint", "Hint", "Show one hint more"),
    _shown("e", "explain", "Explain", "Why the first problem matters, and the way out"),
    _shown("s", "shell", "Shell", "Your own shell, every setting exported"),
    HELP,
    _shown("colon", "commands", "More", "Find a step, a command or a setting by typing; Ctrl+P, too"),
    _known("p", "previous", "Back", "Read the step before"),
    _known("y", "copy_command", "Copy", "Copy the remedy; where nothing is wrong, the page's next block"),
    _known("Y", "copy_block", "Copy block", "Copy the page's next block, whatever is wrong"),
    _known("t", "chain", "Trust chain", "The trust chain and its evidence"),
    _known("w", "changes", "What changed", "What the last action changed"),
    _known("l", "log", "Logs", "The app's log, and this tool's"),
    _known("u", "summary", "Summary", "What is proven so far; save it; clean up"),
    MESSAGES,
    _known("d", "doctor", "Doctor", "What this machine and your sign-in have and lack"),
    _known("D", "drills", "Drills", "Find a fault that is put into the practice cloud"),
    _known("comma", "settings", "Settings", "Theme, names, and how the image is built"),
    _known("B", "bundle", "Help bundle", "Pack a masked zip for whoever helps you"),
    _known("i", "push_again", "Push again", "Push the image anew, before it goes"),
    _known("tab", "turn", "Next part", "The next part of the desk; Enter opens a step there", priority=True),
    _known("shift+tab", "turn_back", "Part before", "The part before", priority=True),
    _known("escape", "cancel", "Stop", "Stop the running action"),
    Binding("j,down", "scroll_page(2)", tooltip="Scroll by a line", show=False),
    Binding("k,up", "scroll_page(-2)", tooltip="Scroll by a line", show=False),
    Binding("space,pagedown", "scroll_page(15)", tooltip="Scroll by a page", show=False),
    Binding("b,pageup", "scroll_page(-15)", tooltip="Scroll by a page", show=False),
]
GROUPS = {
    "This step": (
        "act",
        "check",
        "next",
        "previous",
        "hint",
        "explain",
        "copy_command",
        "copy_block",
        "cancel",
        "push_again",
    ),
    "A closer look": ("chain", "changes", "log", "summary", "doctor", "app.messages"),
    "The workshop": ("shell", "drills", "settings", "bundle", "commands", "app.help", "quit"),
    "Moving": (
        "turn",
        "turn_back",
        "scroll_page(2)",
        "scroll_page(-2)",
        "scroll_page(15)",
        "scroll_page(-15)",
    ),
}
"""The desk's keys as help shows them, each by its action."""
