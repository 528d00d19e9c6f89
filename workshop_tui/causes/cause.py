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
        shows: how it shows itself: words in logs, events and answers.
        command: the way out as a command, with `{{ NAME }}` for the learner's values, or empty.
        link: the authoritative document, or empty.
        brings: codes of the causes that this one brings about: mending it alone mends them, too.

    """

    code: str
    title: str
    why: str
    remedy: str
    shows: tuple[str, ...] = ()
    command: str = ""
    link: str = ""
    brings: tuple[str, ...] = ()
