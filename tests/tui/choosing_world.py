"""The app where names are chosen on an Azure that is an inventory, and what is seen there."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from desk_world import until
from inventory_world import World
from textual.widgets import OptionList, Static

from workshop_tui.settings import load_settings
from workshop_tui.tui.app import WorkshopApp
from workshop_tui.tui.screens.choose_names import ChooseNames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

    from workshop_tui.session import Session
    from workshop_tui.settings import Settings


@dataclass
class Azure:
    """The app on an Azure that is an inventory: what it was opened with stands in `opened`."""

    home: Path
    session: Session
    world: World = field(default_factory=World)
    opened: list[dict[str, str]] = field(default_factory=list)

    def settings(self, **environment: str) -> Settings:
        return load_settings({"WORKSHOP_TUI_HOME": str(self.home), **environment}, target="azure")

    @asynccontextmanager
    async def open_session(self, settings: Settings, **_: Any) -> AsyncIterator[Session]:
        self.opened.append(dict(settings.names))
        names = settings.whole_names(self.session.names)
        target = replace(self.session.target, kind="azure", names=names)
        yield replace(self.session, settings=settings, target=target)

    @asynccontextmanager
    async def started(self, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[int]]:
        app = WorkshopApp(self.settings())
        async with app.run_test(size=size, notifications=True) as pilot:
            yield pilot


def said(pilot: Pilot[int], name: str = "title") -> str:
    if not isinstance(pilot.app.screen, ChooseNames):
        return ""
    return str(pilot.app.screen.query_one(f"#names-{name}", Static).content)


def offered(pilot: Pilot[int]) -> list[str]:
    names = pilot.app.screen.query_one("#names", OptionList)
    return [str(option.prompt) for option in names.options]


def highlighted(pilot: Pilot[int]) -> str:
    option = pilot.app.screen.query_one("#names", OptionList).highlighted_option
    return str(option.prompt) if option else ""


async def asked(pilot: Pilot[int], question: str) -> None:
    await until(pilot, lambda: question in said(pilot))
