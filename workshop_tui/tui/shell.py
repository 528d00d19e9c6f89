"""The way out to the learner's own shell, and back. Nothing typed there is recorded."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.own_shell import own_shell, run_own_shell
from workshop_tui.pages import blocks, render
from workshop_tui.session import shell_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.session import Session
    from workshop_tui.workshop import Step


GREETING = "The workshop's settings are exported. `exit` brings you back."
"""What stands last above the prompt."""


def greeting(step: Step, values: Mapping[str, str]) -> str:
    """Return what a shell begins with: the page's commands, since the page is out of sight there."""
    commands = blocks(render(step.page, values), "bash")
    head = [f"{step.number} · {step.title}", *commands] if commands else []
    return "\n\n".join([*head, GREETING])


READ_SECONDS = 3.0
"""How long a shell waits for values as they are now; what was known before will do, too."""


async def environment_for(session: Session, known: Mapping[str, str]) -> dict[str, str]:
    """Return every setting for a shell; with the values known so far where the cloud does not answer soon.

    Raises:
        PracticeError: there is no practice cloud to point a shell at.
        TimeoutError: it does not answer.

    """
    try:
        async with asyncio.timeout(READ_SECONDS):
            values = await session.guide.variables()
    except TimeoutError:
        values = known
    ours = await in_daemon_thread(partial(shell_environment, session, values), seconds=READ_SECONDS)
    return {**os.environ, **ours}


def run_shell(app: App[int], environment: Mapping[str, str], greeting: str) -> None:
    """Suspend the screen and run `$SHELL` until it ends; where that cannot be, say what to use instead.

    A signal that asks the app to end ends the shell first.
    """
    problem = None
    try:
        with app.suspend():
            print(greeting, flush=True)  # noqa: T201 - the screen is away
            # The screen is away and the learner is in their shell: there is nothing else to do meanwhile.
            try:
                run_own_shell(environment)
            except OSError as error:
                problem = error.strerror or str(error)
    except SuspendNotSupported:
        app.notify("Here no shell can be opened. Use another terminal: workshop-tui shell", markup=False)
    if problem:
        app.notify(f"{own_shell()} cannot be started: {problem}.", severity="error", markup=False)
