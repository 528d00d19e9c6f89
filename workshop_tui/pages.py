"""Pages with the learner's own values in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Z][A-Z0-9_]*)\s*\}\}")


def render(page: str, values: Mapping[str, str]) -> str:
    """Put the values in place of `{{ NAME }}`; what is not known yet reads `$NAME`, as in a shell."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1]) or f"${match[1]}", page)


def placeholders(page: str) -> Iterable[str]:
    """Return the names that the page uses, in order, repeats included."""
    return (match[1] for match in _PLACEHOLDER.finditer(page))
