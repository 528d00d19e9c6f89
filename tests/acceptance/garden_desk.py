"""The desk on a workshop about lamps, as a program: with `--flood` its action tells a great deal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from gallery_world import CODE, garden
from lamp_world import Lamps

from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.messages import SessionOpened

FLOOD = """
    for number in range(20_000):
        await hands.write("{name}", "on")
        yield Working(f"{{number}} " + "carried a little further, which is told at length; " * 3)
    yield Applied(change)
"""


class CarriedLamps(Lamps):
    """Lamps that take their time."""

    async def write(self, path: str, text: str) -> None:
        await asyncio.sleep(0.002)
        await super().write(path, text)


def main() -> None:
    before, _, after = CODE.partition("    yield Working(")
    flooding = f"{before}{FLOOD}\n@reset{after.partition('@reset')[2]}"
    code = flooding if "--flood" in sys.argv else CODE
    session = garden(Path(sys.argv[1]), CarriedLamps(), code)
    app = WorkshopApp(session.settings)
    app.call_later(app.post_message, SessionOpened(session))
    app.run()


main()
