"""workshop-tui: a guided workshop in the terminal, with checks that read the world."""

__version__ = "0.1.0"
