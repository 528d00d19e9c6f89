"""The way out to the learner's own shell, and back. Nothing typed there is recorded."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

from workshop_tui.session import shell_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.session import Session


async def visit_shell(app: App[int], session: Session) -> None:
    """Suspend the screen and run `$SHELL` with every setting exported until it ends."""
    environment = {**os.environ, **await shell_environment(session)}
    run_shell(app, environment, "The workshop's settings are exported. `exit` brings you back.")


def run_shell(app: App[int], environment: Mapping[str, str], greeting: str) -> None:
    """Suspend the screen and run `$SHELL` until it ends; where that cannot be, say what to use instead."""
    shell = os.environ.get("SHELL") or "/bin/sh"
    try:
        with app.suspend():
            print(greeting, flush=True)  # noqa: T201
            # The screen is away and the learner is in their shell: there is nothing else to do meanwhile.
            subprocess.run([shell], env=dict(environment), check=False)  # noqa: S603
    except SuspendNotSupported:
        app.notify("Here no shell can be opened. Use another terminal: workshop-tui shell", markup=False)
