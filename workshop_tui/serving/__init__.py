"""The TUI in a browser: textual-serve, for its owner alone."""

from workshop_tui.serving.server import BrowserAccess, serve

__all__ = ["BrowserAccess", "serve"]
