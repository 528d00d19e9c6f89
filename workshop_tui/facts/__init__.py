"""What is true now: facts read from the world, each at most once a pass."""

from workshop_tui.facts.engine import Facts, ReadFailure, resolver

__all__ = ["Facts", "ReadFailure", "resolver"]
