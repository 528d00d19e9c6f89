"""The moment between choosing a target and the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import LoadingIndicator, Static

from workshop_tui.tui.widgets.keys_footer import KeysFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult

_SENTENCES = {
    "practice": "Starting your practice cloud …",
    "azure": "Signing in to Azure and finding your names …",
}


class Opening(Screen[None]):
    """The screen while a session opens: says what is being waited for."""

    def __init__(self, kind: str) -> None:
        """Take the target's kind."""
        super().__init__()
        self._kind = kind

    def compose(self) -> ComposeResult:
        """Lay out the sentence."""
        with Vertical(id="opening"):
            yield Static(_SENTENCES[self._kind], markup=False)
            yield LoadingIndicator()
        yield KeysFooter(show_command_palette=False)
