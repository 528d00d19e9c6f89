"""Whatever is written has a contrast of at least 4.5 to 1, as WCAG wants it of text: in both our themes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from desk_world import until
from gallery_world import at_the_desk

from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from rich.color import Color
    from rich.style import Style
    from rich.terminal_theme import TerminalTheme
    from textual.app import App

    from workshop_tui.session import Session

LEAST = 4.5
DRAWN = " ╭╮╰╯│─━┃┏┓┗┛▁▂▃▄▅▆▇█▊▎▔▌▏"
"""Borders and scrollbars are no text."""
DIMMED = 0.66
"""How much of a dim text's colour Textual leaves, where it dims itself."""

Rgb = tuple[float, float, float]


def luminance(colour: Rgb) -> float:
    """The relative luminance of WCAG 2.1."""
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def in_full(colour: Color | None, theme: TerminalTheme, *, foreground: bool) -> Rgb:
    assert colour is not None, "no text is left to the terminal's own colours"
    red, green, blue = colour.get_truecolor(theme, foreground=foreground)
    return red / 255, green / 255, blue / 255


def contrast_of(style: Style, theme: TerminalTheme) -> float:
    text = in_full(style.color, theme, foreground=True)
    below = in_full(style.bgcolor, theme, foreground=False)
    if style.dim:
        red, green, blue = (back + (front - back) * DIMMED for front, back in zip(text, below, strict=True))
        text = red, green, blue
    return contrast(text, below)


def too_faint(app: App[Any]) -> set[str]:
    """What is written with too little contrast; what a dialog covers is dimmed on purpose."""
    boxes = app.screen.query(".dialog")
    region = boxes.first().region if boxes else app.screen.region
    found = set()
    for strip in app.screen._compositor.render_strips()[region.y : region.bottom]:
        for segment in strip.crop(region.x, region.right):
            text = segment.text.strip(DRAWN)
            if text and segment.style is not None:
                ratio = contrast_of(segment.style, app.ansi_theme)
                if ratio < LEAST:
                    found.add(f"{ratio:.2f}: “{text}” {segment.style}")
    return found


def test_the_measure_is_the_standards() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    grey = 0x76 / 255
    assert contrast((grey, grey, grey), (1, 1, 1)) == pytest.approx(4.54, abs=0.01)


async def test_every_text_can_be_read_in_both_themes(at_the_garden: Session) -> None:
    async with at_the_desk(at_the_garden, (120, 40)) as pilot:
        app = pilot.app
        faint: dict[str, set[str]] = {}
        for theme in (DARK, LIGHT):
            app.theme = theme
            for key in ("h", "tab", "tab", "tab", "e", "t", "a", "question_mark", "u", "comma", "D"):
                await pilot.press(key)
                await pilot.pause(0.1)
                faint[f"{theme} after {key}"] = too_faint(app)
                if not isinstance(app.screen, Desk):
                    await pilot.press("escape")
                    await until(pilot, lambda: isinstance(app.screen, Desk))
        assert not {where: what for where, what in faint.items() if what}
