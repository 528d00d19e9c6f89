"""The desk's keys: what each does, as the footer, the help and the palette say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from textual.binding import BindingType


def _shown(key: str, action: str, name: str, told: str, *, display: str | None = None) -> Binding:
    """Return a key that the footer has room for."""
    return Binding(key, action, name, tooltip=told, id=action, key_display=display)


def _known(key: str, action: str, name: str, told: str, *, priority: bool = False) -> Binding:
    """Return a key that help and palette name."""
    return Binding(key, action, name, tooltip=told, id=action, show=False, priority=priority)


DESK_KEYS: list[BindingType] = [
    _shown("a", "act", "Do it", "Show what this step's action does, then do it"),
    _shown("c", "check", "Check", "Look again now"),
    _shown("n", "next", "Next", "Open the next step, when the gate is open"),
    _shown("h", "hint", "Hint", "Show one hint more"),
    _shown("e", "explain", "Explain", "Why the first problem matters, and the way out"),
    _shown("s", "shell", "Shell", "Your own shell, every setting exported"),
    _shown("question_mark", "help", "Help", "Keys and signs", display="?"),
    _shown("colon", "commands", "More", "Find a step, a command or a setting by typing", display=":"),
    _known("p", "previous", "Back", "Read the step before"),
    _known("y", "copy_command", "Copy", "Copy the remedy; where nothing is wrong, the page's next block"),
    _known("t", "chain", "Trust chain", "The trust chain and its evidence"),
    _known("w", "changes", "What changed", "What the last action changed"),
    _known("l", "log", "Logs", "The app's log, and this tool's"),
    _known("u", "summary", "Summary", "What is proven so far; save it; clean up"),
    _known("m", "app.messages", "Messages", "All that was told in passing, whole; y copies it"),
    _known("d", "doctor", "Doctor", "What this machine and your sign-in have and lack"),
    _known("D", "drills", "Drills", "Find a fault that is put into the practice cloud"),
    _known("comma", "settings", "Settings", "Theme, names, and how the image is built"),
    _known("B", "bundle", "Help bundle", "Pack a masked zip for whoever helps you"),
    _known("i", "push_again", "Push again", "Push the image anew, before it goes"),
    _known("tab", "turn", "Turn", "The next part of the desk", priority=True),
    Binding("shift+tab", "turn_back", show=False, priority=True),
    _known("escape", "cancel", "Stop", "Stop the running action"),
    Binding("j,down", "scroll_page(2)", show=False),
    Binding("k,up", "scroll_page(-2)", show=False),
    Binding("space,pagedown", "scroll_page(15)", show=False),
    Binding("b,pageup", "scroll_page(-15)", show=False),
]
