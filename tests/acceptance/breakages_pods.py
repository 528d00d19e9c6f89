"""What can be wrong with the app's pods: why they are not made, not ready, or not what they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breakages import Breakage

BREAKAGES: tuple[Breakage, ...] = ()
