"""How the desk feels, in figures: measured on the real workshop, in a practice cloud of its own.

The terminal is Textual's headless one, so what a real terminal takes to draw is not in these figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workshop_tui.practice import client
from workshop_tui.saved_settings import save
from workshop_tui.settings import load_settings
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.log_view import LogView
from workshop_tui.tui.widgets.chain_bar import ChainBar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from workshop_tui.events import GuideProtocol

SIZE = (120, 40)
KEYS = 300
KEYS_ONE_WAY = 20
LINES_A_SECOND = 5000
TAIL_LINES = 2000
IDLE_SECONDS = 15.0
ROUNDS = 12
SCREENS = ("a", "e", "t", "u", "d", "l", "D", "question_mark", "ctrl+p")
"""What is opened over the desk in each round."""
EMPTY = """
import asyncio, resource, time
from textual.app import App
from textual.widgets import Footer, Static
class Empty(App):
    def compose(self):
        yield Static("painted")
        yield Footer()
async def main():
    async with Empty().run_test(size=(120, 40)) as pilot:
        await pilot.pause(1)
        started, busy = time.monotonic(), time.process_time()
        await asyncio.sleep(5)
        share = (time.process_time() - busy) / (time.monotonic() - started)
        pages = int(open("/proc/self/statm").read().split()[1])
        print(pages * resource.getpagesize() / 2**20, share)
asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def seated(home: Path) -> AsyncIterator[tuple[Pilot[int], Desk]]:
    """Open the desk and wait until it has looked at everything once."""
    app = WorkshopApp(load_settings(os.environ | {"WORKSHOP_TUI_HOME": str(home)}))
    async with app.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(60):
            while not (isinstance(app.screen, Desk) and links(app.screen)):
                await pilot.pause(0.05)
        yield pilot, app.screen


def links(desk: Desk) -> bool:
    """Return whether the chain has been drawn, which is the last that the first look tells."""
    return any(bar.links for bar in desk.query(ChainBar))


async def frame(pilot: Pilot[int]) -> None:
    """Wait until what has been asked for so far is drawn."""
    drawn = asyncio.Event()
    pilot.app.screen.call_after_refresh(drawn.set)
    await drawn.wait()


async def step_opened(pilot: Pilot[int], desk: Desk) -> float:
    """Return the median seconds from asking for a step to its page on the screen."""
    taken = []
    for step in desk.session.workshop.steps * 2:
        started = time.perf_counter()
        await desk.open(step)
        await frame(pilot)
        taken.append(time.perf_counter() - started)
        await pilot.pause(0.2)
    return statistics.median(taken)


class Chatty:
    """Stands for a guide whose app logs without end; only its last lines are read, as from a cluster."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    async def app_log(self) -> tuple[str, str]:
        """Return the end of the log as it is now."""
        written = int((time.monotonic() - self._began) * LINES_A_SECOND)
        lines = range(max(0, written - TAIL_LINES), written)
        return "A log", "\n".join(
            f"{number} INFO: 10.244.0.7:41234 - POST /generate 200 OK" for number in lines
        )


async def key_to_frame(pilot: Pilot[int]) -> float:
    """Return the 99th percentile of seconds from a key to its frame, while a log is followed."""
    pilot.app.push_screen(LogView(cast("GuideProtocol", Chatty())))
    await pilot.pause(1)
    taken = []
    for number in range(KEYS):
        started = time.perf_counter()
        pilot.app.simulate_key("j" if number // KEYS_ONE_WAY % 2 else "k")
        await frame(pilot)
        taken.append(time.perf_counter() - started)
        await asyncio.sleep(0.02)
    await pilot.press("escape")
    return statistics.quantiles(taken, n=100)[98]


async def live_an_hour(pilot: Pilot[int], desk: Desk) -> list[float]:
    """Do in minutes what is done in an hour or more; return the memory after each round, in MB.

    A round: every step opened and looked at, a log that flows, and each screen opened and left.
    """
    after = []
    for _ in range(ROUNDS):
        for step in desk.session.workshop.steps:
            await desk.open(step)
            await frame(pilot)
            await pilot.press("c")
            await pilot.pause(0.1)
        pilot.app.push_screen(LogView(cast("GuideProtocol", Chatty())))
        await pilot.pause(2)
        await pilot.press("escape")
        for key in SCREENS:
            await pilot.press(key)
            await pilot.pause(0.3)
            await pilot.press("escape")
            await pilot.pause()
        gc.collect()
        after.append(memory_now())
    return after


def memory_now() -> float:
    """Return what of this process is in memory, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def of_an_empty_app() -> tuple[float, float]:
    """Return the memory of an empty Textual app in MB, and the share of a core that it takes while idle."""
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", EMPTY], check=True, capture_output=True, text=True
    ).stdout.split()
    return float(told[0]), float(told[1])


async def idle_share() -> float:
    """Return the share of one core that the app takes while nobody does anything."""
    started, busy = time.monotonic(), time.process_time()
    await asyncio.sleep(IDLE_SECONDS)
    return (time.process_time() - busy) / (time.monotonic() - started)


async def measure(home: Path) -> None:
    """Print all figures."""
    async with seated(home) as (pilot, desk):
        print(
            f"step opened                     {await step_opened(pilot, desk) * 1000:5.0f} ms   (aim 150 ms)"
        )
        slowest = await key_to_frame(pilot) * 1000
        print(f"key to frame, 99 of 100         {slowest:5.0f} ms   while 5,000 lines/s come in (aim 33 ms)")
        await pilot.pause(5)
        room, share = await asyncio.to_thread(of_an_empty_app)
        print(f"idle                            {await idle_share():6.1%}  of one core (aim 1 %)")
        print(f"  an empty Textual app          {share:6.1%}")
        rounds = await live_an_hour(pilot, desk)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory, at most                 {memory:5.0f} MB   after {ROUNDS} rounds (aim 150 MB)")
        middle = rounds[ROUNDS // 2]
        print(f"  after the first, middle, last {rounds[0]:5.0f}, {middle:.0f}, {rounds[-1]:.0f} MB")
        print(f"  an empty Textual app          {room:5.0f} MB")
        await pilot.press("a")
        started = time.perf_counter()
    print(f"quit                            {time.perf_counter() - started:5.2f} s    (aim 0.3 s)")


def measure_desk() -> None:
    """Print how the desk does, on a practice cloud that is gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        save(home, {"target": "practice"})
        client.start(home / "practice")
        try:
            asyncio.run(measure(home))
        finally:
            client.stop(home / "practice")


if __name__ == "__main__":
    measure_desk()
