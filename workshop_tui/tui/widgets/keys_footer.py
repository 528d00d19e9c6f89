"""The line of keys at the bottom, which lets go of the keys it no longer shows."""

from __future__ import annotations

from textual.widgets import Footer


class KeysFooter(Footer):
    """Textual's footer, that keeps no key for ever.

    It makes its keys anew whenever a screen comes or goes, and binds each to `compact`, whose list of
    watchers is tidied only when it changes: an hour of looking about was some twenty megabytes of old keys.
    """

    async def recompose(self) -> None:
        """Make the keys anew, and have the watchers tidied."""
        await super().recompose()
        self.mutate_reactive(Footer.compact)
