"""What a cause is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One diagnosis.

    Attributes:
        code: `area.problem`, public once released, and never renamed.
        title: the problem in a few words.
        why: why it matters or how it comes about.
        remedy: what to do, in words.
        link: the authoritative document, or empty.

    """

    code: str
    title: str
    why: str
    remedy: str
    link: str = ""
