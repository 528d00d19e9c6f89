"""The part of the application that fits the terminal: its colours, its size, and what it may be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.filter import Monochrome, NoColor

from workshop_tui.tui.control_characters import ControlCharacterFilter
from workshop_tui.tui.paced_app import PacedApp
from workshop_tui.tui.themes import DARK, FEW_COLOURS, FRAME, add_themes, has_few_colours
from workshop_tui.tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.filter import LineFilter
    from textual.geometry import Size
    from textual.screen import Screen
    from textual.theme import Theme

    from workshop_tui.settings import Settings

_NO_COLOUR = NoColor()
_CONTROL_CHARACTERS = ControlCharacterFilter()


class ThemedApp(PacedApp):
    """Chooses the theme and keeps the learner's choice; covers screens that have too little room."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-roomy")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - likewise

    def __init__(self, settings: Settings) -> None:
        """Take the settings: their theme, and the home in which another choice is saved."""
        super().__init__()
        self.settings = settings

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw no line with a control character in it, and no colour where none is wanted.

        Textual's own greys for NO_COLOR would be black on black on the terminal's own colours.
        """
        filters = super().get_line_filters()
        return [
            *(_NO_COLOUR if isinstance(each, Monochrome) else each for each in filters),
            _CONTROL_CHARACTERS,
        ]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what our own themes have and others do not."""
        return {"frame": FRAME}

    def fit_terminal(self) -> None:
        """Put on the theme, and from now on keep the learner's choice of it and watch the room there is."""
        add_themes(self)
        own = self.settings.theme if self.settings.theme in self.available_themes else DARK
        self.theme = FEW_COLOURS if has_few_colours(self) and not own.startswith("ansi-") else own
        self.theme_changed_signal.subscribe(self, self._save_theme)
        self.screen_change_signal.subscribe(self, self._cover_if_too_small)

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is too little room."""
        for screen in self.screen_stack:
            self._cover_if_too_small(screen, event.size)

    def _cover_if_too_small(self, screen: Screen[object], size: Size | None = None) -> None:
        if not screen.query(TooSmall):
            screen.mount(TooSmall())
        screen.query_one(TooSmall).fit(size or self.size)

    def _save_theme(self, theme: Theme) -> None:
        """Save the theme that was chosen, unless the terminal's lack of colours chose it."""
        from workshop_tui.saved_settings import save  # noqa: PLC0415 - only where something is saved

        if not has_few_colours(self) or theme.name.startswith("ansi-"):
            save(self.settings.home, {"theme": theme.name})
