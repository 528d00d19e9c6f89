"""What lies over the desk while a shell opens: what is typed meanwhile is not meant for the desk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ShellDoor(ModalScreen[None]):
    """Nothing to be seen; it takes every key and click, and Esc stays at the desk.

    The shell cannot be given what was typed before it was there: the kernel lets nobody type for another.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stay", "Stay", tooltip="Open no shell")]

    def compose(self) -> ComposeResult:
        """Show nothing: the desk under it is seen as it is."""
        yield from ()

    def action_stay(self) -> None:
        """Open no shell after all."""
        self.dismiss(None)

    async def close_behind_keys(self) -> None:
        """Go, once every key has come here that was typed before the shell had the terminal.

        The driver hands such a key to the event loop only now that the loop goes on; what is handed over
        in the same way comes after it, in the loop as among the app's messages.
        """
        loop = asyncio.get_running_loop()
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop))
        self.app.call_later(self.action_stay)
