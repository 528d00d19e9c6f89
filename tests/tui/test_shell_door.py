"""What is typed while a shell opens is not for the desk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from desk_world import seated, until, verdict
from textual import events

from workshop_tui.tui.screens.desk import Desk
from workshop_tui.tui.screens.shell_door import ShellDoor
from workshop_tui.tui.screens.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest
    from textual.app import App

    from workshop_tui.session import Session


async def test_what_is_typed_before_the_shell_is_there_does_nothing_at_the_desk(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_open, opened = asyncio.Event(), 0

    async def environment_for(*_: object) -> Mapping[str, str]:
        await may_open.wait()
        return {}

    def run_shell(app: App[int], *_: object) -> None:
        nonlocal opened
        opened += 1
        # The driver's thread hands over its last keys while the loop is at rest behind the shell.
        loop = asyncio.get_running_loop()
        asyncio.run_coroutine_threadsafe(app._post_message(events.Key("u", "u")), loop)

    monkeypatch.setattr("workshop_tui.tui.shell.environment_for", environment_for)
    monkeypatch.setattr("workshop_tui.tui.shell.run_shell", run_shell)
    async with seated(session) as pilot:
        await pilot.press("s")
        assert isinstance(pilot.app.screen, ShellDoor)
        await pilot.press(*"lad", "enter", "question_mark", "colon", "tab")
        assert isinstance(pilot.app.screen, ShellDoor)
        may_open.set()
        await until(pilot, lambda: not isinstance(pilot.app.screen, ShellDoor))
        await pilot.pause()
        assert opened == 1
        assert isinstance(pilot.app.screen, Desk), "u, typed as the terminal changed hands, opens no summary"
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, Summary))


async def test_esc_stays_at_the_desk(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    async def environment_for(*_: object) -> Mapping[str, str]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("workshop_tui.tui.shell.environment_for", environment_for)
    async with seated(session) as pilot:
        desk = pilot.app.screen
        await pilot.press("s")
        assert isinstance(pilot.app.screen, ShellDoor)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is desk)
        await until(pilot, lambda: not any(worker.group == "shell" for worker in pilot.app.workers))
        assert "failed" in verdict(pilot)
