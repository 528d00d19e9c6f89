"""What every hand needs: answers as documents, and looking until something is so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

Document = dict[str, Any]


def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    """Look until it is so: the practice cloud's APIs are asked as a person asks them, again and again."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not become so in time"
        time.sleep(0.05)


def document(answer: httpx.Response) -> Document:
    """Return what was answered; a refusal is raised with its words."""
    if answer.is_error:
        raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
    found: Document = answer.json() if answer.content else {}
    return found
