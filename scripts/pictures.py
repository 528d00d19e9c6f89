"""Make the README's pictures from the real thing: the TUI at work on a practice cloud of its own.

Writes `assets/screens/*.svg`, and `assets/screens/recording.svg`, the same screens one after the other; and a
PNG beside each drawing in `assets/`, for places that show no SVG, where there is a Chromium to draw it
(`--drawings`: these alone). Run it with `scripts/pictures`; it takes a minute or two and needs no network.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.practice import client
from workshop_tui.saved_settings import save
from workshop_tui.settings import load_settings
from workshop_tui.trust_chain import LinkState
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.plan_card import PlanCard
from workshop_tui.tui.themes import DARK
from workshop_tui.tui.widgets.chain_bar import ChainBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

ASSETS = Path(__file__).parents[1] / "assets"
FOLDER = ASSETS / "screens"
SIZE = (110, 32)
FRAME_SECONDS = 3.0
TIME_SCALE = 20.0
SHARPNESS = 2
"""How many dots of a PNG make one of its drawing."""
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_NAMES = re.compile(r"terminal-[0-9a-f]+|terminal-\d+")


class Camera:
    """Takes pictures of the app and keeps them in order."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self._pilot = pilot
        self.frames: list[str] = []

    async def take(self, name: str) -> None:
        """Save the screen as it is, without fonts from elsewhere and with this machine's paths made short."""
        await self._pilot.pause()
        picture = self._pilot.app.export_screenshot(title="workshop-tui")
        picture = _NAMES.sub(f"screen-{name}", _FONTS.sub("", picture))
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")
        self.frames.append(picture)
        print(f"{name}.svg", file=sys.stderr)

    async def until(self, holds: Callable[[], object], seconds: float = 120) -> None:
        """Wait until the screen is as wanted."""
        async with asyncio.timeout(seconds):
            while not holds():
                await self._pilot.pause(0.05)


def desk(pilot: Pilot[int]) -> Desk:
    """Return the desk, which is below whatever is open over it."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, Desk))


def says(pilot: Pilot[int], words: str) -> bool:
    """Return whether the verdict line holds the words."""
    return words in str(desk(pilot).query_one("#verdict").render())


async def do(camera: Camera, pilot: Pilot[int], step: str) -> None:
    """Have the open step done."""
    await pilot.press("a")
    await camera.until(lambda: isinstance(pilot.app.screen, PlanCard))
    await pilot.press("enter")
    await camera.until(lambda: desk(pilot).open_step.id == step and says(pilot, "passed"))


async def play(home: Path) -> list[str]:
    """Go through the workshop as far as the pictures need it."""
    app = WorkshopApp(load_settings(os.environ | {"WORKSHOP_TUI_HOME": str(home)}))
    async with app.run_test(size=SIZE) as pilot:
        app.theme = DARK
        camera = Camera(pilot)
        await camera.until(lambda: any(isinstance(screen, Desk) for screen in app.screen_stack))
        await camera.until(lambda: says(pilot, "failed"))
        await camera.until(lambda: desk(pilot).query_one("#chain").display)
        await camera.take("1-desk")
        for number, step in enumerate(desk(pilot).session.workshop.steps, start=1):
            if step.id == "federate":
                await pilot.press("a")
                await camera.until(lambda: "az identity" in str(app.screen.query("#plan").first().render()))
                await camera.take("2-plan")
                await pilot.press("escape")
            await do(camera, pilot, step.id)
            if step.id == "service-account":
                await camera.take("3-done")
                break
            await pilot.press("n")
            await camera.until(lambda number=number: desk(pilot).open_step.number == number + 1)
        await camera.until(lambda: desk(pilot).query_one(ChainBar).links[3].state is LinkState.HOLDS)
        await pilot.press("t")
        await camera.until(lambda: app.screen.query("#evidence"))
        await pilot.press("home", "down", "down")
        await camera.take("4-trust-chain")
        return camera.frames


def recording(frames: list[str]) -> str:
    """Return one picture that shows the frames in turn."""
    whole = FRAME_SECONDS * len(frames)
    shown = 100 / len(frames)
    size = re.search(r'viewBox="([^"]+)"', frames[0])
    groups = "\n".join(
        f'<g class="frame" style="animation-delay: {index * FRAME_SECONDS - whole:.1f}s">{frame}</g>'
        for index, frame in enumerate(frames)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size[1] if size else "0 0 1400 900"}">\n'
        "<title>workshop-tui at work</title>\n<style>"
        f"@keyframes turn {{ 0%, {shown:.2f}% {{ visibility: visible }}"
        f" {shown + 0.01:.2f}%, 100% {{ visibility: hidden }} }}"
        f" .frame {{ visibility: hidden; animation: turn {whole:.1f}s steps(1) infinite }}"
        f"</style>\n{groups}\n</svg>\n"
    )


def draw(drawing: Path) -> None:
    """Have Chromium make a PNG of an SVG drawing, beside it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing.read_text("utf-8"))
    if chromium is None or size is None:
        print(f"{drawing.name} stays without a new PNG: no Chromium here, or no size in it", file=sys.stderr)
        return
    png = drawing.with_suffix(".png")
    with tempfile.TemporaryDirectory() as folder:
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        words += [f"--user-data-dir={folder}", f"--force-device-scale-factor={SHARPNESS}"]
        words += [f"--window-size={size[1]},{size[2]}", f"--screenshot={png}", drawing.as_uri()]
        subprocess.run([chromium, *words], check=True, stderr=subprocess.DEVNULL, timeout=60)  # noqa: S603 - our own words
    print(png.name, file=sys.stderr)


def main() -> None:
    """Make all pictures."""
    for drawing in sorted(ASSETS.glob("*.svg")):
        draw(drawing)
    if "--drawings" in sys.argv:
        return
    FOLDER.mkdir(exist_ok=True)
    os.environ |= {"WORKSHOP_TUI_BUILDER": "embedded", "WORKSHOP_TUI_SOURCE_FROM": "starter"}
    # A short path, since it is part of what is shown.
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        home = Path(folder)
        save(home, {"target": "practice"})
        client.start(home / "practice", time_scale=TIME_SCALE)
        try:
            frames = asyncio.run(play(home))
        finally:
            client.stop(home / "practice")
    (FOLDER / "recording.svg").write_text(recording(frames), encoding="utf-8")


if __name__ == "__main__":
    main()
