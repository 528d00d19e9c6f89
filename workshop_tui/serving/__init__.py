"""The TUI in a browser: textual-serve, behind a door that only its owner opens."""

from workshop_tui.serving.server import Door, serve

__all__ = ["Door", "serve"]
