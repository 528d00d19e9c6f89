"""A workshop with something of everything, in a world where no clock goes: for pictures of every screen."""

from __future__ import annotations

import difflib
import io
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from desk_world import until, verdict
from rich.console import Console

from workshop_tui.doctor import Diagnosis, Need, State
from workshop_tui.guide import Guide
from workshop_tui.journal import Journal
from workshop_tui.model import Names
from workshop_tui.session import Session
from workshop_tui.settings import Settings
from workshop_tui.target import Target
from workshop_tui.trust_chain import Evidence, Link, LinkState
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.messages import SessionOpened
from workshop_tui.tui.screens.desk import Desk
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from lamp_world import Lamps
    from textual.app import App
    from textual.pilot import Pilot

KEPT = Path(__file__).parent / "snapshots"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

WORKSHOP = """
id = "garden"
title = "Light the garden, without a single fuse"
proves = "The garden is lit, and no fuse was needed."
[[steps]]
id = "terrace-lamp"
kind = "change"
needs = []
[[steps]]
id = "pond-lamp"
kind = "change"
needs = ["terrace-lamp"]
[[steps]]
id = "gate-lamp"
kind = "change"
needs = ["pond-lamp"]
"""

PAGE = """---
title: Light the lamp at the {name}, and show that it needs no fuse
minutes: 5
summary: It is dark at the {name}, and a fuse is what everybody would look for first.
hints:
  - The switch is where one would look for it last.
  - Press it, and wait until the lamp has heard of it.
---
A lamp of the old kind needs a fuse, and **whoever holds the fuse** holds the lamp. This one asks the garden
who you are, and the garden knows.

## How it goes

- The lamp shows a note from `the garden`, which says which lamp it is.
- The house reads the note, and finds the lamp on its list.

```text
  lamp ──▶ note ──▶ house
   │                  │
   └────── light ◀────┘
```

## Do it

```bash
garden lamp create --name "{name}-lamp" --group "{{{{ RG_NAME }}}}" --without-fuse --announce-to house
garden lamp show --name "{name}-lamp" -o table
```

It takes a moment until the house has heard of it.
"""

CODE = """
from datetime import UTC, datetime, timedelta

from workshop_tui.authoring import (
    ActionError, Applied, AsyncIterator, Change, Finding, Planned, Progress, Requirements, Scope,
    SourceChanges, Undo, Working, action, check, failed, passed, pending, reset,
)

@check("The garden is there", scope=Scope.AZURE)
def garden(lamps: Requirements) -> Finding:
    return passed("behind the house, 12 by 30 metres, with a pond that is older than the house itself")

@check("The lamp at the {name} is lit", scope=Scope.AZURE)
def lit(lamps: Requirements) -> Finding:
    if lamps.entries.get("{name}") == "on":
        return passed("It is lit.")
    return failed(
        "reading.unexpected", "system:lamp:default:{name}-with-fuse", expected="system:lamp:default:{name}",
        remedy="Create the lamp without a fuse.",
        command='garden lamp create --name "{name}-lamp" --group "lampGroup" --without-fuse',
    )

@check("The house has heard of it", scope=Scope.AZURE)
def heard(lamps: Requirements) -> Finding:
    if lamps.entries.get("{name}") == "on":
        return passed("It has.")
    until = datetime(2026, 3, 1, 12, 4, 30, tzinfo=UTC)
    return pending("reading.throttled", "The house has not heard of it yet.", until=until)

@action
async def light(hands: SourceChanges) -> AsyncIterator[Progress]:
    change = Change(
        "Create the lamp at the {name}, without a fuse",
        'garden lamp create --name "{name}-lamp" --group "lampGroup" --without-fuse --announce-to house',
        difference=("--- a", "+++ b", "@@ -1 +1 @@", " lamp: {name}", "-fuse: 10 A", "+fuse: none"),
    )
    yield Planned(change)
    yield Working("The lamp is on its way, which may take as long as a lamp needs to be carried there.", 0.25)
    await hands.write("{name}", "on")
    yield Applied(change)

@reset
def dark(hands: SourceChanges) -> list[Undo]:
    return [Undo(Change("Take the lamp away again"), lambda: hands.restore("{name}"))]
"""

CHAIN = (
    Link("The pod runs as the service account", "terrace-lamp", LinkState.HOLDS, "It does."),
    Link("The service account has a token", "terrace-lamp", LinkState.HOLDS, "It has."),
    Link(
        "The token fits the credential",
        "pond-lamp",
        LinkState.BROKEN,
        "The subjects differ.",
        (
            Evidence("issuer", "https://garden.example/", "https://garden.example/"),
            Evidence("subject", "system:serviceaccount:default:lamp", "system:serviceaccount:default:lamps"),
            Evidence("pod", "lamp-7b4c8bf7d8-x665r", ""),
        ),
    ),
    Link("The credential belongs to the identity", "pond-lamp", LinkState.OPEN, "There is none yet."),
    Link("The identity has a role", "gate-lamp", LinkState.OPEN, "There is none yet."),
    Link("The role lets it ask", "gate-lamp", LinkState.UNKNOWN, "It could not be read."),
)

DIAGNOSES = (
    Diagnosis("az", "Azure CLI (az)", (Need.AZURE,), State.OK, "2.91.0"),
    Diagnosis(
        "sign-in",
        "Sign-in to Azure",
        (Need.AZURE,),
        State.LACKING,
        "nobody is signed in",
        "Sign in.",
        "az login",
    ),
    Diagnosis("docker", "Docker, to build the image", (Need.BY_HAND,), State.UNKNOWN, "it does not answer"),
)


class Stopped(datetime):
    """A clock that does not go."""

    @classmethod
    def now(cls, tz: Any = None) -> Stopped:
        return cls.fromtimestamp(NOW.timestamp(), tz or UTC)

    def astimezone(self, tz: Any = None) -> Stopped:
        """The garden's own time is UTC, wherever the machine stands."""
        return super().astimezone(tz or UTC)


def stop_the_clocks(patch: pytest.MonkeyPatch) -> None:
    for place in ("tui.widgets.findings_panel", "tui.notification_log", "drills.store"):
        patch.setattr(f"workshop_tui.{place}.datetime", Stopped)
    patch.setattr("workshop_tui.tui.widgets.activity.time", SimpleNamespace(monotonic=lambda: 0.0))


def have_colours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("workshop_tui.tui.themed_app.has_few_colours", lambda _: False)


def draw_the_chain(patch: pytest.MonkeyPatch) -> None:
    async def chain(_: object) -> tuple[Link, ...]:
        return CHAIN

    patch.setattr("workshop_tui.guide.CHAIN_STEPS", set())
    patch.setattr("workshop_tui.guide.read_chain", chain)


def examine_no_machine(patch: pytest.MonkeyPatch) -> None:
    async def diagnose(*_: object, **__: object) -> AsyncIterator[Diagnosis]:
        for diagnosis in DIAGNOSES:
            yield diagnosis

    patch.setattr("workshop_tui.doctor.diagnose", diagnose)


def garden(home: Path, lamps: Lamps, code: str = CODE) -> Session:
    """A session on the garden; its journal is the caller's to close."""
    folder = home / "garden"
    for name in ("terrace", "pond", "gate"):
        step = folder / "steps" / f"{name}_lamp"
        step.mkdir(parents=True)
        (step / "step.md").write_text(PAGE.format(name=name))
        (step / "__init__.py").write_text(code.format(name=name))
    (folder / "workshop.toml").write_text(WORKSHOP)
    names = Names(
        subscription_id="00000000-0000-0000-0000-000000000000", resource_group="lampGroup", cluster="myGarden"
    )
    target = Target(
        kind="practice",
        arm="https://127.0.0.1:1",
        arm_scope="",
        authority="",
        tenant_id="",
        names=names,
        kubeconfig=home / "kubeconfig",
    )
    workshop, journal = load_workshop(folder), Journal(home, "garden")
    guide = Guide(workshop, lambda: {**lamps.services(), Names: names}, journal, {})
    return Session(Settings(home=home), target, workshop, journal, guide, lamps)


def screen_text(app: App[Any]) -> str:
    """What is on the screen, row by row, as a terminal would show it: dialogs over what is below them."""
    console = Console(width=app.size.width, file=io.StringIO(), force_terminal=True, record=True)
    console.print(
        app.screen._compositor.render_update(full=True, screen_stack=app._background_screens), end=""
    )
    return "".join(f"{line.rstrip()}\n" for line in console.export_text().splitlines())


@asynccontextmanager
async def at_the_desk(
    session: Session, size: tuple[int, int], *, toasts: bool = False
) -> AsyncIterator[Pilot[int]]:
    app = WorkshopApp(session.settings)
    async with app.run_test(size=size, notifications=toasts) as pilot:
        app.post_message(SessionOpened(session))
        await until(pilot, lambda: isinstance(app.screen, Desk) and "Looking" not in verdict(pilot))
        await until(pilot, lambda: app.screen.query_one("#chain").display)
        yield pilot


@dataclass
class Gallery:
    """Pictures of screens as text, kept in files and compared with them; `renew` writes them anew."""

    pilot: Pilot[int]

    @property
    def renew(self) -> bool:
        return os.environ.get("WORKSHOP_TUI_SNAPSHOTS") == "renew"

    async def hang(self, name: str) -> None:
        """Compare the screen with its picture, as soon as it has come to rest."""
        width, height = self.pilot.app.size
        kept = KEPT / f"{width}x{height}" / f"{name}.txt"
        wanted = kept.read_text("utf-8") if kept.exists() and not self.renew else ""
        seen = await self._at_rest(wanted)
        if pictures := os.environ.get("WORKSHOP_TUI_PICTURES"):
            self.pilot.app.save_screenshot(f"{name}-{width}x{height}.svg", pictures)
        if self.renew:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(seen, "utf-8")
            return
        difference = "\n".join(
            difflib.unified_diff(wanted.splitlines(), seen.splitlines(), "kept", "seen", "", "", 1, "")
        )
        told = f"{kept.name} at {width}x{height} looks otherwise (WORKSHOP_TUI_SNAPSHOTS=renew keeps it):"
        assert seen == wanted, f"{told}\n{difference}"

    async def _at_rest(self, wanted: str) -> str:
        """Return the screen once it is as wanted, or has not changed for a while."""
        seen, same = "", 0
        while same < 8 and (seen != wanted or not wanted):
            await self.pilot.pause(0.05)
            now = screen_text(self.pilot.app)
            same = same + 1 if now == seen else 0
            seen = now
        return seen
