"""Our two themes, dark and light: every text on them has a contrast of at least 4.5 to 1.

Statuses are written by a terminal's names of colours (green, red, yellow …), so that they are its own where
it has few. What these names mean in full colour stands here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.terminal_theme import TerminalTheme
from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

FRAME = "ansi_blue"
"""The colour of frames in themes that are not ours: Textual's, and the terminal's own colours."""
DARK, LIGHT, FEW_COLOURS = "workshop-dark", "workshop-light", "ansi-dark"

_Rgb = tuple[int, int, int]


def _terminal(background: _Rgb, text: _Rgb, *colours: _Rgb) -> TerminalTheme:
    """Return what black, red, green, yellow, blue, magenta, cyan and white are; the bright ones alike."""
    black, *coloured = colours
    return TerminalTheme(background, text, [black, *coloured, text], [black, *coloured, text])


DARK_COLOURS = _terminal(
    (18, 18, 18), (224, 224, 224),
    (18, 18, 18), (255, 123, 137), (127, 217, 98), (230, 180, 80), (112, 184, 240), (210, 166, 255),
    (110, 203, 215),
)  # fmt: skip
LIGHT_COLOURS = _terminal(
    (250, 250, 250), (31, 35, 40),
    (31, 35, 40), (164, 14, 38), (17, 99, 41), (115, 72, 0), (5, 80, 174), (102, 57, 186), (12, 80, 104),
)  # fmt: skip


def _theme(
    name: str, colours: TerminalTheme, *, dark: bool, surface: str, panel: str, cursor: str, frame: str
) -> Theme:
    background, text = colours.background_color.hex, colours.foreground_color.hex
    red, green, yellow, blue, magenta, cyan = (
        f"#{red:02x}{green:02x}{blue:02x}"
        for red, green, blue in (colours.ansi_colors[number] for number in range(1, 7))
    )
    return Theme(
        name=name,
        dark=dark,
        background=background,
        foreground=text,
        surface=surface,
        panel=panel,
        primary=blue,
        secondary=cyan,
        accent=yellow,
        success=green,
        warning=yellow,
        error=red,
        variables={
            # A quiet cursor: what is written on it keeps its own colour.
            "block-cursor-background": cursor,
            "block-cursor-foreground": text,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": panel,
            "block-cursor-blurred-foreground": text,
            "text-primary": blue,
            "text-secondary": cyan,
            "text-accent": magenta,
            "text-success": green,
            "text-warning": yellow,
            "text-error": red,
            "footer-key-foreground": yellow,
            # Frames and scrollbars are there to be felt, not read; only where the keys go stands out.
            "frame": frame,
            "scrollbar": frame,
            "scrollbar-hover": blue,
            "scrollbar-active": yellow,
            **{
                f"scrollbar-{part}": background
                for part in ("background", "background-hover", "background-active")
            },
            "scrollbar-corner-color": background,
        },
    )


def add_themes(app: App[int]) -> None:
    """Make our themes known to the application, and the meaning of the colours' names in all themes."""
    app.ansi_theme_dark, app.ansi_theme_light = DARK_COLOURS, LIGHT_COLOURS
    dark = {"surface": "#1c1c1c", "panel": "#262a30", "cursor": "#2c3440", "frame": "#4a5668"}
    light = {"surface": "#f2f2f2", "panel": "#e6e8eb", "cursor": "#dbe4ee", "frame": "#a9b4c2"}
    app.register_theme(_theme(DARK, DARK_COLOURS, dark=True, **dark))
    app.register_theme(_theme(LIGHT, LIGHT_COLOURS, dark=False, **light))


def has_few_colours(app: App[int]) -> bool:
    """Return whether the terminal has its 16 colours only, or shall show none."""
    return app.no_color or app.console.color_system in {None, "standard", "windows"}
