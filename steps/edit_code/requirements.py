"""The edit of requirements.txt."""

from __future__ import annotations

import re

IDENTITY = "azure-identity"
PINNED = "azure.identity==1.14.0"
FIRST_WITH_WORKLOAD_IDENTITY = (1, 13)

_ENTRY = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^#;]*)")


def too_old(specifier: str) -> bool:
    """Say whether a specifier pins a version that does not know Workload Identity."""
    pinned = re.fullmatch(r"\s*(?:===?|~=|<=)\s*(\d+)\.(\d+)[\w.*]*\s*", specifier)
    return pinned is not None and (int(pinned[1]), int(pinned[2])) < FIRST_WITH_WORKLOAD_IDENTITY


def require_identity(text: str) -> str:
    """Return the requirements with azure-identity among them; unchanged where it is, and new enough."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    for number, line in enumerate(lines):
        entry = _ENTRY.match(line)
        if entry is not None and normalised(entry[1]) == IDENTITY:
            if not too_old(entry[3]):
                return text
            lines[number] = PINNED
            return newline.join(lines) + newline
    return newline.join([*lines, PINNED]) + newline


def normalised(name: str) -> str:
    """Return a distribution's name as the packaging specification compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
